import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { HamletError } from '../errors.ts';
import type { Database } from './database.ts';

/** What is truth, in an order in which foreign keys hold. */
export const TABLES = [
  ...[
    'clocks',
    'secrets',
    'api_keys',
    'users',
    'items',
    'item_vectors',
    'event_keys',
    'events',
    'user_states',
    'tastes',
  ],
  ...['pipeline_versions', 'recommendations', 'recommendation_pages', 'artifacts', 'imports'],
  'trainings',
  ...['experiments', 'experiment_versions', 'experiment_changes'],
  ...['item_evidence', 'moderation_decisions', 'item_reports'],
  ...['lora_files', 'w2w_spaces', 'w2w_space_members'],
  ...['w2w_directions', 'w2w_edits', 'w2w_personalizations'],
];
/** What is not: cursors, attempts, caches, and counts that only lists in the making read. */
export const MADE_ANEW = [
  ...['outbox', 'embedding_attempts', 'classification_attempts', 'reranks', 'erasures', 'schema_version'],
];
const NAME = /^[a-z][a-z0-9_]*$/;

type Manifest = {
  format: 1;
  schema: number;
  madeAt: string;
  tables: Record<string, { rows: number; sha256: string }>;
};
export type BackupReport = { folder: string; tables: Record<string, number>; seconds: number };

/**
 * Writes every table as COPY text into a new folder: one snapshot (repeatable read), while Hamlet serves. What
 * `beside` adds to the folder is there before the folder has its name.
 * @throws HamletError `backup-exists` when the folder is there already
 */
export async function backupDatabase(
  db: Pick<Database, 'pool'>,
  folder: string,
  beside: (folder: string) => Promise<void> = async () => {},
): Promise<BackupReport> {
  const started = performance.now();
  const half = `${folder}.part`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { recursive: true, mode: 0o700 });
  const tables: Manifest['tables'] = {};
  const schema = await whole(db.pool, async (client) => {
    for (const table of TABLES) {
      const file = join(half, `${table}.copy`);
      await pipeline(
        client.query(copyTo(`copy (select * from ${table}) to stdout with (header)`)),
        createWriteStream(file, { mode: 0o600 }),
      );
      const { rows } = await client.query<{ n: number }>(`select count(*) as n from ${table}`);
      tables[table] = { rows: rows[0]!.n, sha256: await digestOf(file) };
    }
    return schemaVersion(client);
  });
  const manifest: Manifest = { format: 1, schema, madeAt: new Date().toISOString(), tables };
  await writeFile(join(half, 'manifest.json'), JSON.stringify(manifest, null, 2), { mode: 0o600 });
  await beside(half);
  await rename(half, folder).catch((error) => {
    throw new HamletError('backup-exists', 409, `${folder} is there already and is not empty.`, {
      cause: error,
    });
  });
  return reportOf(folder, tables, started);
}

/**
 * Fills an empty database from such a folder, all of it or nothing.
 * @throws HamletError `backup-invalid` (digest, format), `backup-schema` (another schema), `restore-not-empty`
 */
export async function restoreDatabase(db: Pick<Database, 'pool'>, folder: string): Promise<BackupReport> {
  const started = performance.now();
  const manifest = await readManifest(folder);
  await whole(db.pool, async (client) => {
    if ((await schemaVersion(client)) !== manifest.schema) {
      throw new HamletError(
        'backup-schema',
        409,
        `The backup has schema ${manifest.schema}: restore it with that version.`,
      );
    }
    const { rows } = await client.query<{ n: number }>(
      'select (select count(*) from users) + (select count(*) from items) as n',
    );
    if (rows[0]!.n > 0) throw new HamletError('restore-not-empty', 409, 'The database is not empty.');
    await client.query('delete from clocks; delete from secrets; delete from api_keys');
    for (const table of Object.keys(manifest.tables)) {
      const file = join(folder, `${table}.copy`);
      const columns = (await firstLine(file)).split('\t').map((name) => `"${name.replaceAll('"', '')}"`);
      await pipeline(
        createReadStream(file),
        client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin with (header)`)),
      );
    }
    // The queue is not in a backup: what had not ended is nobody's to carry on.
    await client.query(
      `update trainings set state = 'cancelled', finished_at = now() where state in ('queued', 'running')`,
    );
    await continueCounting(client, Object.keys(manifest.tables));
  });
  return reportOf(folder, manifest.tables, started);
}

async function readManifest(folder: string): Promise<Manifest> {
  const bad = (why: string) =>
    new HamletError('backup-invalid', 400, `${folder} is not a usable backup: ${why}.`);
  const text = await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => null);
  if (text === null) throw bad('no manifest.json');
  let manifest: Manifest;
  try {
    manifest = JSON.parse(text) as Manifest;
  } catch {
    throw bad('manifest.json is not JSON');
  }
  if (manifest.format !== 1 || typeof manifest.tables !== 'object') throw bad('unknown format');
  for (const [table, { sha256 }] of Object.entries(manifest.tables)) {
    if (!NAME.test(table) || !TABLES.includes(table)) throw bad(`unknown table ${table}`);
    const found = await digestOf(join(folder, `${table}.copy`)).catch(() => 'no file');
    if (found !== sha256) throw bad(`${table}.copy does not match its digest`);
  }
  return manifest;
}

/** One snapshot for reading, all or nothing for writing, and no statement timeout. */
async function whole<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin isolation level repeatable read; set local statement_timeout = 0');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Rows that come next get numbers beyond those that were restored. */
async function continueCounting(client: pg.PoolClient, tables: string[]): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string; sequence: string }>(
    `select table_name as table, column_name as column, pg_get_serial_sequence(quote_ident(table_name), column_name) as sequence
     from information_schema.columns where table_schema = current_schema() and table_name = any($1)`,
    [tables],
  );
  for (const { table, column, sequence } of rows.filter((row) => row.sequence !== null)) {
    await client.query(
      `select setval($1, greatest(1, (select coalesce(max("${column}"), 1) from "${table}")))`,
      [sequence],
    );
  }
}

async function schemaVersion(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ v: number }>('select max(version) as v from schema_version');
  return Number(rows[0]!.v);
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function firstLine(file: string): Promise<string> {
  for await (const chunk of createReadStream(file, { encoding: 'utf8', end: 10_000 })) {
    return String(chunk).split('\n')[0]!;
  }
  return '';
}

const reportOf = (folder: string, tables: Manifest['tables'], started: number): BackupReport => ({
  folder,
  tables: Object.fromEntries(Object.entries(tables).map(([name, { rows }]) => [name, rows])),
  seconds: Math.round((performance.now() - started) / 100) / 10,
});
