import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { hamlet } from '../support/cli.ts';
import { newFolder, write } from '../support/imports.ts';
import { newHome } from '../support/own-server.ts';

const home = newHome(t);
const folder = newFolder(t);
const file = write(folder, 'pairs.txt', 'ann 1\nann 2\nlonely\nbob 1\n');

t.test('a policy or a format nobody knows is refused before anything is opened', async (t) => {
  for (const wrong of [
    ['--safety', 'level=3'],
    ['--safety', 'yes'],
    ['--format', 'csv'],
  ]) {
    const { code, said } = hamlet(home, ['import', 'sequences', file, ...wrong]);
    t.not(code, 0);
    t.match(said, new RegExp(wrong[1]!));
  }
});

t.test('the report says how it went and where the rejected rows are', { timeout: 100_000 }, async (t) => {
  const json = join(folder, 'report.json');
  const args = ['import', 'sequences', file, '--format', 'pairs', '--safety', 'level=4', '--json', json];
  const { code, out, said } = hamlet(home, args);
  t.equal(code, 0, said);
  t.equal(out, '', 'figures go where --json says');
  const report = JSON.parse(readFileSync(json, 'utf8'));
  t.match(report, { accepted: 3, rejected: 1, items: 2, users: 2, safety: { mode: 'level', level: 4 } });
  t.match(readFileSync(report.rejectFile, 'utf8'), /"line":3,"code":"row-invalid","detail":"lonely"/);
  t.match(said, /import: 100 %/, 'progress as plain lines where there is no terminal');
});

t.test('a file that cannot be read ends in a line, not in a stack', { timeout: 100_000 }, async (t) => {
  const { code, said } = hamlet(home, ['import', 'imagegem', '--images', file]);
  t.equal(code, 1);
  t.match(said, /^hamlet: parquet-invalid: .*pairs\.txt/m);
  t.notMatch(said, /at .*\.ts:\d+/);
});
