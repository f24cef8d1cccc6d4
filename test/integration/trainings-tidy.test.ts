import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { tidy } from '../../src/trainings/tidy.ts';
import { testDatabase } from '../support/database.ts';

const DAY = 86_400_000;

t.test('what nobody needs any more goes: checkpoints after days, snapshots after a week', async (t) => {
  const home = t.testdir();
  const db = await testDatabase(t);
  const [old, recent, open] = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
  const [seen, unseen] = ['a'.repeat(64), 'b'.repeat(64)];
  await db.pool.query(
    `insert into trainings (id, kind, spec, state, dataset, finished_at) values
       ($1, 'k', '{}', 'done', null, now() - interval '3 days'),
       ($2, 'k', '{}', 'failed', null, now() - interval '1 day'),
       ($3, 'k', '{}', 'running', $4, null)`,
    [old, recent, open, seen],
  );
  const made = [
    ...[old, recent, open, 'train-clip-0123456789ab'].map((name) => `checkpoints/${name}`),
    ...[seen, unseen, 'notes'].map((name) => `snapshots/${name}`),
  ];
  for (const folder of made) await mkdir(join(home, 'artifacts', folder), { recursive: true });
  const left = async (folder: string) => (await readdir(join(home, 'artifacts', folder))).sort();

  await tidy(db, home);
  t.same(await left('checkpoints'), [recent, open, 'train-clip-0123456789ab']);
  t.same(await left('snapshots'), [seen, unseen, 'notes'], 'they are new');
  await tidy(db, home, Date.now() + 8 * DAY);
  t.same(await left('snapshots'), [seen, 'notes']);
  await t.resolves(tidy(db, join(home, 'nowhere')), 'a home without any is tidy');
});
