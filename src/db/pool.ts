import pg from 'pg';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { numberArrayParser } from './number-array.ts';

const INT8 = 20;

/** bigint columns hold counters far below 2^53: numbers, and an error rather than a wrong one. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} does not fit a number`);
  return value;
}

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === INT8 && format !== ('binary' as string)
      ? parseInt8
      : (format !== ('binary' as string) && numberArrayParser(oid)) ||
        pg.types.getTypeParser(oid, format)) as never,
};

/** @param at a URL, or the folder of a Unix socket */
export function openPool(
  at: { url: string } | { socketFolder: string; database: string },
  config: Pick<Config, 'DATABASE_POOL'>,
  log: Log,
): pg.Pool {
  const where =
    'url' in at
      ? { connectionString: at.url }
      : { host: at.socketFolder, user: 'hamlet', database: at.database };
  const pool = new pg.Pool({
    ...where,
    types,
    max: config.DATABASE_POOL,
    application_name: 'hamlet',
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 60_000,
    keepAlive: true,
  });
  // An idle connection that breaks reports here; the pool has already dropped it.
  pool.on('error', (error) => log.warn({ err: error }, 'database connection lost'));
  // One that breaks in a caller's hands fails the caller's statement; unheard here it would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
