import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import t from 'tap';
import { openDatabase, openMigrated } from '../../../src/db/index.ts';
import { migrate } from '../../../src/db/migrate.ts';
import { silentLog } from '../../../src/log.ts';
import { secondPool, testDatabase } from '../../support/database.ts';

const MIGRATIONS = resolve(import.meta.dirname, '../../../migrations');

/** A copy of the migrations to spoil, under a name that a glob pattern would misread. */
function copyOfMigrations(t: { teardown(fn: () => unknown): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'hamlet-[migrations]-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(MIGRATIONS, folder, { recursive: true });
  return folder;
}

t.test('a failing migration leaves the database as it was, and the corrected one applies', async (t) => {
  const db = await testDatabase(t);
  const folder = copyOfMigrations(t);
  const next = join(folder, '999.do.colour.sql');
  const hasColour = async () =>
    (await db.pool.query("select to_regclass('colours') is not null as there")).rows[0].there;
  writeFileSync(next, 'create table colours (name text); create table colours (name text);');
  await t.rejects(migrate(db.pool, folder), /already exists/);
  t.equal(await hasColour(), false);
  writeFileSync(next, 'create table colours (name text);');
  await Promise.all([1, 2, 3].map(() => migrate(db.pool, folder)));
  t.equal(await hasColour(), true);
  await t.rejects(migrate(db.pool), /the database has schema 999/, 'older code keeps its hands off');
});

t.test('a migration that was changed after it was applied is refused', async (t) => {
  const db = await testDatabase(t);
  const folder = copyOfMigrations(t);
  appendFileSync(join(folder, '001.do.spine.sql'), '\n-- an afterthought\n');
  await t.rejects(migrate(db.pool, folder), /MD5 checksum failed for migration \[1\]/);
});

t.test('a database that holds others’ tables, or is not there, is named with the way out', async (t) => {
  const { pool } = await testDatabase(t);
  const { host, database } = pool.options as { host: string; database: string };
  const open = (name: string) =>
    openDatabase(
      {
        ...{ DATABASE_POOL: 2, HAMLET_HOME: '' },
        DATABASE_URL: `postgresql:///${name}?host=${encodeURIComponent(host)}&user=hamlet`,
      },
      silentLog,
    );
  await t.rejects(open(`${database}_none`), { code: 'database-missing', message: /create database/ });
  await pool.query('drop schema public cascade; create schema public; create table users (mine int)');
  await t.rejects(open(database), { code: 'database-foreign', message: /users.*create database/ });
  t.equal((await pool.query('select * from users')).rowCount, 0, 'what was there stays as it was');
});

t.test('opening a migrated database again, even twice at once, changes nothing', async (t) => {
  const db = await testDatabase(t);
  const applied = async () =>
    (await db.pool.query<{ version: number }>('select version, run_at from schema_version order by 1')).rows;
  const before = await applied();
  const about = { embedded: true, description: '', leave: () => {} };
  const again = await Promise.all([1, 2].map(() => openMigrated(secondPool(db), silentLog, about)));
  t.same(await applied(), before);
  await Promise.all(again.map((opened) => opened.close()));
});
