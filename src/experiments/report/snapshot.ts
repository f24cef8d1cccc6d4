import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { EVENT_CODE } from '../../events/types.ts';

export type Snapshot = { file: string; sha256: string; columns: string[] };

const COLUMNS = [
  ...['variant', "to_char(first_at at time zone 'UTC', 'YYYY-MM-DD') as day", 'bot', 'crossed', 'lists'],
  ...['positions', 'sessions', 'ms', 'ms_lists', 'diversity', 'diversity_lists', 'hours_to_like'],
  ...Object.entries(EVENT_CODE).map(([name, code]) => `e${code} as ${name}`),
  ...Object.entries(EVENT_CODE).map(([name, code]) => `b${code} as ${name}_before`),
];

/**
 * Writes `measured` as gzipped CSV, a line a person without the person's id: enough to compute every
 * figure of the report again with any other tool. Streamed; the name holds the digest's beginning.
 */
export async function writeSnapshot(
  client: pg.Client | pg.PoolClient,
  folder: string,
  name: string,
): Promise<Snapshot> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const half = join(folder, `${name}.part`);
  const hash = createHash('sha256');
  const watched = new PassThrough().on('data', (chunk: Buffer) => hash.update(chunk));
  await pipeline(
    client.query(
      copyTo(`copy (select ${COLUMNS.join(', ')} from measured) to stdout with (format csv, header)`),
    ),
    createGzip({ level: 1 }),
    watched,
    createWriteStream(half, { mode: 0o600 }),
  );
  const sha256 = hash.digest('hex');
  const file = `${name}-${sha256.slice(0, 12)}.csv.gz`;
  await rename(half, join(folder, file));
  return { file, sha256, columns: COLUMNS.map((column) => column.split(' as ').at(-1)!) };
}
