import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { MADE_ANEW, TABLES } from '../../../src/db/backup.ts';
import { backupDatabase, restoreDatabase } from '../../../src/db/index.ts';
import { testDatabase } from '../../support/database.ts';

const fill = `
  insert into users (id, preferences) values ('ann', '{"hiddenTags":["a\\tb"]}'), (E'tab\\tnew\\nline\\\\', '{}');
  insert into items (kind, id, title, tags, phash) values (1, 'i1', 'Ünïcode "quoted"', '{a,"b c"}', -5), (2, 'm1', '', '{}', null);
  insert into events (user_ref, seq, item_ref, type, occurred_at, event_id) values (1, 1, 1, 5, '2026-01-01', 'e1');
  insert into event_keys values ('e1', '\\x00ff');
  update clocks set value = 9`;
const everything = `select (select jsonb_agg(u order by ref) from users u) as users,
  (select jsonb_agg(i order by ref) from items i) as items, (select jsonb_agg(e) from events e) as events,
  (select jsonb_agg(k) from event_keys k) as keys, (select jsonb_agg(c order by name) from clocks c) as clocks`;

t.test('a restored database holds what was backed up, and goes on counting from there', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hamlet-backup-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const from = await testDatabase(t);
  await from.pool.query(fill);
  const report = await backupDatabase(from, join(folder, 'b'));
  t.match(report.tables, { users: 2, items: 2, events: 1 });
  await t.rejects(backupDatabase(from, join(folder, 'b')), { code: 'backup-exists' });

  const to = await testDatabase(t);
  await restoreDatabase(to, join(folder, 'b'));
  t.same((await to.pool.query(everything)).rows, (await from.pool.query(everything)).rows);
  const { rows } = await to.pool.query("insert into users (id) values ('next') returning ref");
  t.equal(rows[0].ref, 3);
  await t.rejects(restoreDatabase(to, join(folder, 'b')), { code: 'restore-not-empty' });
});

t.test('every table is kept, or is known to be made anew', async (t) => {
  const db = await testDatabase(t);
  const { rows } = await db.pool.query<{ name: string }>(
    `select c.relname as name from pg_class c where c.relkind in ('r', 'p') and not c.relispartition
     and c.relnamespace = current_schema()::regnamespace`,
  );
  const known = new Set([...TABLES, ...MADE_ANEW]);
  t.same(
    rows.map(({ name }) => name).filter((name) => !known.has(name)),
    [],
    'a new table belongs into TABLES or MADE_ANEW of src/db/backup.ts',
  );
});

t.test('trainings are kept, and those that had not ended are not waited for', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hamlet-backup-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const from = await testDatabase(t);
  await from.pool.query(`insert into trainings (id, kind, spec, state, finished_at) values
    ('00000000-0000-4000-8000-000000000001', 'train-clip', '{}', 'done', '2026-01-01'),
    ('00000000-0000-4000-8000-000000000002', 'train-clip', '{}', 'running', null)`);
  await backupDatabase(from, join(folder, 'b'));
  const to = await testDatabase(t);
  await restoreDatabase(to, join(folder, 'b'));
  const { rows } = await to.pool.query(
    'select state, finished_at is not null as over from trainings order by id',
  );
  t.same(rows, [
    { state: 'done', over: true },
    { state: 'cancelled', over: true },
  ]);
});

t.test('a backup with a changed file is refused before anything is written', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hamlet-backup-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const db = await testDatabase(t);
  await backupDatabase(db, join(folder, 'b'));
  appendFileSync(join(folder, 'b', 'users.copy'), '1\tx\n');
  await t.rejects(restoreDatabase(await testDatabase(t), join(folder, 'b')), { code: 'backup-invalid' });
  await t.rejects(restoreDatabase(db, join(folder, 'none')), { code: 'backup-invalid' });
});
