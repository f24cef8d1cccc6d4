import { readFile, stat } from 'node:fs/promises';
import t from 'tap';
import { openRejects } from '../../../src/imports/rejects.ts';

const row = (n: number) => ({
  row: n,
  file: 'people.ndjson',
  line: n,
  code: 'user-id-invalid',
  detail: `p${n}`,
});

t.test('rows that were refused are for the owner’s eyes, also after a resumed import', async (t) => {
  const home = t.testdir();
  const { path, add } = await openRejects(home, 'import-1', 0);
  await add([row(1), row(2)]);
  t.equal((await stat(path)).mode & 0o077, 0);
  const resumed = await openRejects(home, 'import-1', 1);
  await resumed.add([row(3)]);
  t.equal((await stat(path)).mode & 0o077, 0);
  const kept = (await readFile(path, 'utf8')).trim().split('\n');
  t.same(
    kept.map((line) => JSON.parse(line).row),
    [1, 3],
    'of what comes after the row it goes on from, the earlier run’s word is dropped',
  );
});
