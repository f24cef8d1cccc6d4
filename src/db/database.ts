import pg from 'pg';
import type { Config } from '../config.ts';
import { HamletError } from '../errors.ts';
import type { Log } from '../log.ts';
import { joinEmbedded } from './embedded/join.ts';
import { translateDatabaseError } from './errors.ts';
import { migrate } from './migrate.ts';
import { ensurePartitions } from './partitions.ts';
import { openPool } from './pool.ts';

export type Database = {
  pool: pg.Pool;
  /** Where it is, without user or password. */
  description: string;
  embedded: boolean;
  close(): Promise<void>;
};

const DAY_MS = 86_400_000;

/**
 * Starts or joins this home's own PostgreSQL, or connects to DATABASE_URL; migrates either.
 * @throws HamletError `database-unavailable` when nothing answers at DATABASE_URL, `database-missing` when there
 *   is no such database, `database-foreign` when it holds tables of others
 */
export async function openDatabase(
  config: Pick<Config, 'DATABASE_URL' | 'DATABASE_POOL' | 'HAMLET_HOME'>,
  log: Log,
): Promise<Database> {
  const own = config.DATABASE_URL === '' ? await joinEmbedded(config.HAMLET_HOME, log) : null;
  try {
    if (own) await createDatabase(own.socketFolder, 'hamlet');
    const at = own ? { socketFolder: own.socketFolder, database: 'hamlet' } : { url: config.DATABASE_URL };
    return await openMigrated(openPool(at, config, log), log, {
      embedded: own !== null,
      description: own ? 'PostgreSQL of its own in HAMLET_HOME/postgres' : describeUrl(config.DATABASE_URL),
      leave: () => own?.leave(),
    });
  } catch (error) {
    own?.leave();
    throw translateDatabaseError(error);
  }
}

/** A pool brought up to this version's schema, with the coming months' partitions. */
export async function openMigrated(
  pool: pg.Pool,
  log: Log,
  about: { embedded: boolean; description: string; leave: () => void },
): Promise<Database> {
  try {
    await migrate(pool);
  } catch (error) {
    await pool.end();
    throw unusable(error, about.description);
  }
  await ensurePartitions(pool, new Date(), log);
  const daily = setInterval(() => void ensurePartitions(pool, new Date(), log), DAY_MS);
  daily.unref();
  return {
    pool,
    embedded: about.embedded,
    description: about.description,
    async close() {
      clearInterval(daily);
      await pool.end();
      about.leave();
    },
  };
}

/** Several processes may do this at once; all but one see that it exists. */
export async function createDatabase(socketFolder: string, name: string): Promise<void> {
  const client = new pg.Client({ host: socketFolder, user: 'hamlet', database: 'postgres' });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database "${name}"`);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code !== '42P04' && code !== '23505') throw error;
  } finally {
    await client.end();
  }
}

/** What is wrong with a database that was given to Hamlet, and the way out. */
function unusable(error: unknown, description: string): unknown {
  const { code, message } = error as { code?: string; message: string };
  const way = 'give Hamlet one of its own (create database hamlet) in DATABASE_URL';
  // Undefined database; a table or another thing of that name is there already.
  if (code === '3D000')
    return new HamletError('database-missing', 404, `${description} does not exist: ${way}.`);
  if (code === '42P07' || code === '42710')
    return new HamletError(
      'database-foreign',
      409,
      `${description} is in use by others (${message}): ${way}.`,
    );
  return error;
}

export function describeUrl(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `PostgreSQL at ${hostname}:${port || 5432}${pathname}`;
  } catch {
    return 'PostgreSQL at DATABASE_URL';
  }
}
