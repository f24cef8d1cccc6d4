import { appendFile, cp, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import t from 'tap';
import { readSnapshot } from '../../src/trainings/snapshot/read.ts';
import { writeSnapshot } from '../../src/trainings/snapshot/write.ts';
import { testDatabase } from '../support/database.ts';
import { event, openReplica } from '../support/events.ts';
import { startSidecar } from '../support/sidecar.ts';
import { openTestTrainings, over, until } from '../support/trainings.ts';

t.setTimeout(1_200_000);
const home = t.testdir();
const db = await testDatabase(t);
const { catalog, events } = await openReplica(t, db);
const trusted = { mode: 'trusted' } as const;
await catalog.put(
  [
    { kind: 'image', id: 'pier', title: 'Pier', tags: ['sea', 'fog'], prompt: 'a pier' },
    { kind: 'model', id: 'ink', title: 'Ink' },
  ],
  trusted,
);
await events.ingest([
  event('ann', 'pier', { type: 'view', occurredAt: '2026-01-01T00:00:00.000Z' }),
  event('ann', 'pier', { type: 'like', occurredAt: '2026-01-01T00:01:00.500Z' }),
  event('bob', 'pier', { type: 'hide' }),
]);
await events.putPreferences('bob', { excludeFromTraining: true });

t.test('a snapshot is named by what it holds: the same log again is the same snapshot', async (t) => {
  const first = await writeSnapshot(db, home);
  t.same(first.counts, { events: 2, items: 2, users: 1 }, 'without those who are not to be trained on');
  t.same(await writeSnapshot(db, home), first);
  await events.ingest([event('ann', 'ink', { itemKind: 'model', type: 'download' })]);
  const second = await writeSnapshot(db, home);
  t.not(second.digest, first.digest);
  t.same((await readdir(join(home, 'artifacts/snapshots'))).sort(), [first.digest, second.digest].sort());
  t.same(await readSnapshot(home, first.digest), first);
});

t.test('what CLIP sees in items is in it, float for float', async (t) => {
  const seen = Float32Array.of(0.6, -0.8);
  await db.pool.query(
    `insert into item_vectors (item_ref, space, source, data)
     select ref, 'clip', 'declared', $1 from items where id = 'pier'`,
    [Buffer.from(seen.buffer)],
  );
  const { digest } = await writeSnapshot(db, home);
  const file = await asyncBufferFromFile(join(home, 'artifacts/snapshots', digest, 'vectors.parquet'));
  const [row, ...others] = await parquetReadObjects({ file, utf8: false });
  t.equal(others.length, 0);
  t.equal(row!.item, catalog.columns.refOf('image', 'pier'));
  t.same(new Float32Array(Uint8Array.from(row!.vector).buffer), seen);
});

t.test('a snapshot of which anything was changed is refused', async (t) => {
  const { digest } = await writeSnapshot(db, home);
  const spoiled = t.testdir();
  const folder = join(spoiled, 'artifacts/snapshots', digest);
  const manifest = join(folder, 'manifest.json');
  const restore = () =>
    cp(join(home, 'artifacts/snapshots', digest), folder, { recursive: true, force: true });
  const ways: [string, () => Promise<unknown>][] = [
    ['a byte more', () => appendFile(join(folder, 'events.parquet'), 'x')],
    ['another file', () => cp(join(folder, 'items.parquet'), join(folder, 'events.parquet'))],
    [
      'a manifest that fits another file',
      async () => {
        const told = JSON.parse(await readFile(manifest, 'utf8'));
        told.files['events.parquet'] = told.files['items.parquet'];
        await writeFile(manifest, JSON.stringify(told));
      },
    ],
    ['no manifest at all', () => writeFile(manifest, '[]')],
    [
      'a link',
      async () => {
        await rename(join(folder, 'events.parquet'), join(spoiled, 'elsewhere'));
        await symlink(join(spoiled, 'elsewhere'), join(folder, 'events.parquet'));
      },
    ],
  ];
  for (const [name, spoil] of ways) {
    await restore();
    await readSnapshot(spoiled, digest);
    await spoil();
    await t.rejects(readSnapshot(spoiled, digest), { code: 'digest-mismatch', status: 422 }, name);
  }
  await t.rejects(readSnapshot(home, '0'.repeat(64)), { code: 'snapshot-unknown' });
});

t.test('a log of many row groups is written at constant memory, every row once', async (t) => {
  const large = await testDatabase(t);
  await large.pool.query(`
    insert into users (id) select 'u' || n from generate_series(1, 1000) n;
    insert into items (kind, id) values (1, 'one');
    insert into events (user_ref, seq, item_ref, type, occurred_at, event_id)
      select 1 + n % 1000, n, 1, 1, '2026-01-01', n::text from generate_series(1, 200000) n`);
  let between = 0;
  const before = process.memoryUsage().rss;
  const { counts } = await writeSnapshot(large, t.testdir(), async () => void between++);
  t.same(counts, { events: 200_000, items: 1, users: 1000 });
  t.equal(between, 11, 'ten batches of events and one of items');
  t.ok(process.memoryUsage().rss - before < 150e6, `${(process.memoryUsage().rss - before) / 1e6} MB more`);
});

t.test('from the log to a training and back: it names the digest it saw', async (t) => {
  const sidecar = await startSidecar(t, home);
  const trainings = await openTestTrainings(t, db, home, [sidecar.url]);
  const { id } = await trainings.start('statistics', { snapshot: 'latest' });
  const ended = await until(trainings, id, over);
  const { digest } = await writeSnapshot(db, home);
  t.match(ended, {
    state: 'done',
    dataset: digest,
    spec: { snapshot: digest },
    result: {
      types: { view: 1, like: 1, download: 1 },
      items: ['ink', 'pier'],
      tags: ['sea', 'fog'],
      users: 1,
    },
  });

  const other = await trainings.start('statistics', { snapshot: digest, pretend: '0'.repeat(64) });
  t.match(await until(trainings, other.id, over), { state: 'failed', error: { code: 'dataset-mismatch' } });
  const unknown = await trainings.start('statistics', { snapshot: '1'.repeat(64) });
  t.match(await until(trainings, unknown.id, over), { state: 'failed', error: { code: 'snapshot-unknown' } });

  await appendFile(join(home, 'artifacts/snapshots', digest, 'items.parquet'), 'x');
  const spoiled = await trainings.start('statistics', { snapshot: digest });
  t.match(await until(trainings, spoiled.id, over), { state: 'failed', error: { code: 'digest-mismatch' } });
});
