import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { tidy } from '../../src/trainings/tidy.ts';
import { testDatabase } from '../support/database.ts';

const DAY = 86_400_000;

t.test('what nobody needs any more goes: checkpoints after days, what people did after a week', async (t) => {
  const home = t.testdir();
  const db = await testDatabase(t);
  const [old, recent, open] = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
  const [seen, unseen] = ['a'.repeat(64), 'b'.repeat(64)];
  const [lists, pool, pairs] = ['impressions-image', 'dpo-pool', 'dpo-pairs'].map(
    (kind) => `${kind}-${'c'.repeat(32)}`,
  ) as [string, string, string];
  await db.pool.query(
    `insert into trainings (id, kind, spec, state, dataset, finished_at) values
       ($1, 'k', '{}', 'done', null, now() - interval '3 days'),
       ($2, 'k', '{}', 'failed', null, now() - interval '1 day'),
       ($3, 'k', $5, 'running', $4, null)`,
    [old, recent, open, seen, JSON.stringify({ pool })],
  );
  const shown = `pixels-${'f'.repeat(32)}`;
  const [pixels, labels, members] = [
    `pixels-${'d'.repeat(32)}`,
    ...['labels', 'members'].map((name) => `w2w/${name}-${'e'.repeat(32)}.json`),
  ] as [string, string, string];
  await db.pool.query(`insert into trainings (id, kind, spec, state) values ($1, 'k', $2, 'queued')`, [
    ...['00000000-0000-4000-8000-000000000004', JSON.stringify({ labels, pixels: [shown] })],
  ]);
  const partial = ['w2w-edit-1.partial', 'bases/0123.partial-77'];
  const made = [
    ...[pixels, shown, labels, members, ...partial, 'bases/0123'],
    ...[old, recent, open, 'train-clip-0123456789ab'].map((name) => `checkpoints/${name}`),
    ...[seen, unseen, 'notes'].map((name) => `snapshots/${name}`),
    ...[lists, pool, pairs],
  ];
  for (const folder of made) await mkdir(join(home, 'artifacts', folder), { recursive: true });
  const left = async (folder: string) => (await readdir(join(home, 'artifacts', folder))).sort();

  await tidy(db, home);
  t.same(await left('checkpoints'), [recent, open, 'train-clip-0123456789ab']);
  t.same(await left('snapshots'), [seen, unseen, 'notes'], 'they are new');
  const stay = ['bases', 'checkpoints', pairs, pool, shown, 'snapshots', 'w2w'];
  t.same(await left(''), [...stay, lists, pixels, partial[0]].sort());
  await tidy(db, home, Date.now() + 8 * DAY);
  t.same(await left('snapshots'), [seen, 'notes']);
  t.same(await left(''), stay, 'what an open training sees stays');
  t.same(await left('w2w'), [labels.slice('w2w/'.length)]);
  t.same(await left('bases'), ['0123'], 'half a copy goes, a whole one stays');
  await t.resolves(tidy(db, join(home, 'nowhere')), 'a home without any is tidy');
});
