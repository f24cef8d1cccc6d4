import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import pg from 'pg';
import type { Test } from 'tap';
import { createDatabase, type Database, joinEmbedded, openMigrated, openPool } from '../../src/db/index.ts';
import { silentLog } from '../../src/log.ts';

const HOME = resolve(import.meta.dirname, '../../.hamlet/test-databases');
const MIGRATIONS = resolve(import.meta.dirname, '../../migrations');
const LOCK = 0x54455354;

/**
 * A fresh, migrated database for one test file, on one server that all test processes share; dropped
 * at the end. Copies a template, so it takes milliseconds.
 */
export async function testDatabase(t: Pick<Test, 'teardown'>): Promise<Database> {
  mkdirSync(HOME, { recursive: true });
  const server = await joinEmbedded(HOME, silentLog);
  const name = `test_${process.pid}_${randomUUID().slice(0, 8)}`;
  await asAdmin(server.socketFolder, async (admin) => {
    await admin.query('select pg_advisory_lock($1)', [LOCK]);
    await dropAbandoned(admin);
    const template = await ensureTemplate(server.socketFolder, admin);
    await admin.query(`create database "${name}" template ${template} strategy file_copy`);
  });
  const pool = openPool(
    { socketFolder: server.socketFolder, database: name },
    { DATABASE_POOL: 8 },
    silentLog,
  );
  const db = await openMigrated(pool, silentLog, { embedded: true, description: name, leave: () => {} });
  let open = true;
  const close = async () => {
    if (open) await db.close();
    open = false;
  };
  t.teardown(async () => {
    await close();
    await asAdmin(server.socketFolder, (admin) =>
      admin.query(`drop database if exists ${name} with (force)`),
    );
    server.leave();
  });
  return { ...db, close };
}

/** The same database by a second pool: what another replica would hold. */
export function secondPool(db: Database): pg.Pool {
  const { host, database } = db.pool.options as { host: string; database: string };
  return openPool({ socketFolder: host, database }, { DATABASE_POOL: 4 }, silentLog);
}

/** Databases of test processes that were killed before they could drop them. */
async function dropAbandoned(admin: pg.Client): Promise<void> {
  const { rows } = await admin.query<{ datname: string }>(
    "select datname from pg_database where datname ~ '^test_[0-9]+_'",
  );
  for (const { datname } of rows) {
    if (!isAlive(Number(datname.split('_')[1])))
      await admin.query(`drop database if exists "${datname}" with (force)`);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function ensureTemplate(socketFolder: string, admin: pg.Client): Promise<string> {
  const digest = createHash('sha256');
  for (const file of readdirSync(MIGRATIONS).sort()) digest.update(readFileSync(resolve(MIGRATIONS, file)));
  const name = `template_${digest.digest('hex').slice(0, 16)}`;
  const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [name]);
  if (rowCount === 1) return name;
  // What is made here outlives no test, let alone the machine: nothing needs to wait for the disk.
  await admin.query('alter system set fsync = off');
  await admin.query('select pg_reload_conf()');
  const half = `${name}_half`;
  await admin.query(`drop database if exists ${half} with (force)`);
  await createDatabase(socketFolder, half);
  const pool = openPool({ socketFolder, database: half }, { DATABASE_POOL: 2 }, silentLog);
  await (await openMigrated(pool, silentLog, { embedded: true, description: half, leave: () => {} })).close();
  await admin.query(`alter database ${half} rename to ${name}`);
  return name;
}

async function asAdmin(socketFolder: string, work: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const admin = new pg.Client({ host: socketFolder, user: 'hamlet', database: 'postgres' });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
