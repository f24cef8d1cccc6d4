import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Database } from '../../src/db/index.ts';
import type { ImportParts, ImportReport } from '../../src/imports/index.ts';
import { silentLog } from '../../src/log.ts';
import { openReplica } from './events.ts';

type Teardown = { teardown(close: () => unknown): void };

/** A folder for one test's files. */
export function newFolder(t: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), 'hamlet-import-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What an import works on, over `db`; reject files go to `home`. */
export async function importParts(t: Teardown, db: Database, home: string) {
  const { catalog, events } = await openReplica(t, db);
  return { db, catalog, events, home, log: silentLog } satisfies ImportParts;
}

/** The same parts, but the import dies where it would note for the nth time how far it has come. */
export function dyingAt(parts: ImportParts, nth: number): ImportParts {
  let notes = 0;
  const query = (text: string, values: unknown[]) => {
    if (text.includes('set position =') && ++notes === nth) throw new Error('killed here');
    return parts.db.pool.query(text, values);
  };
  return { ...parts, db: { pool: { query } as unknown as Database['pool'] } };
}

export function write(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Rejected rows, as the reject file has them. */
export const rejectsOf = ({ rejectFile }: ImportReport): Record<string, unknown>[] =>
  rejectFile === null
    ? []
    : readFileSync(rejectFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));

/** Everything in the log by person, oldest first, as `type kind:item`. */
export async function logOf(db: Database): Promise<Record<string, string[]>> {
  const names = ['', 'view', 'click', 'generate', 'download', 'like', 'heart', 'laugh', 'cry', 'dislike'];
  const { rows } = await db.pool.query<{ person: string; type: number; kind: number; item: string }>(
    `select u.id as person, e.type, i.kind, i.id as item from events e
     join users u on u.ref = e.user_ref join items i on i.ref = e.item_ref order by u.id, e.seq`,
  );
  const log: Record<string, string[]> = {};
  for (const { person, type, kind, item } of rows) {
    log[person] ??= [];
    log[person].push(`${names[type]} ${kind === 1 ? 'image' : 'model'}:${item}`);
  }
  return log;
}

/** What must hold however often an import was killed or run again: each event once, with its key and its number. */
export async function tallies(db: Database) {
  const { rows } = await db.pool.query(
    `select (select count(*)::int from events) as events,
       (select count(distinct event_id)::int from events) as distinct_events,
       (select count(*)::int from event_keys) as keys,
       (select coalesce(sum(seq), 0)::int from users) as seqs,
       (select count(*)::int from items where status = 1) as items`,
  );
  return rows[0] as { events: number; distinct_events: number; keys: number; seqs: number; items: number };
}

/** A parquet file of rows that all have the same columns; null where a row lacks one. */
export function parquetOf(rows: Record<string, unknown>[], rowGroupSize = 100): Uint8Array {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columnData = names.map((name) => ({ name, data: rows.map((row) => row[name] ?? null) }));
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize }));
}

/** Names of a parquet file's columns, in its order. */
export async function columnsOf(path: string): Promise<string[]> {
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  const { schema } = parquetMetadata(buffer.slice(byteOffset, byteOffset + byteLength));
  return schema.slice(1).map(({ name }) => name);
}
