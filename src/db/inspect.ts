import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { describeUrl } from './database.ts';
import { joinEmbedded } from './embedded/join.ts';

const MIGRATIONS = resolve(import.meta.dirname, '../../migrations');

export type DatabaseState = {
  configured: 'embedded' | 'DATABASE_URL';
  where: string;
  reachable: boolean;
  version?: string;
  /** The newest migration that was applied, 0 for none, and the newest there is. */
  schema: { applied: number | null; newest: number };
  problem?: string;
};

/** What the database is, without changing anything in it: no migration, and none of its own is made. */
export async function inspectDatabase(
  config: Pick<Config, 'DATABASE_URL' | 'HAMLET_HOME'>,
  log: Log,
): Promise<DatabaseState> {
  const newest = Math.max(...readdirSync(MIGRATIONS).map((file) => Number.parseInt(file, 10)));
  const url = config.DATABASE_URL;
  const about =
    url === ''
      ? { configured: 'embedded' as const, where: 'PostgreSQL of its own in HAMLET_HOME/postgres' }
      : { configured: 'DATABASE_URL' as const, where: describeUrl(url) };
  if (url === '' && !existsSync(join(config.HAMLET_HOME, 'postgres')))
    return { ...about, reachable: false, schema: { applied: null, newest }, problem: 'not made yet' };
  const own = url === '' ? await joinEmbedded(config.HAMLET_HOME, log) : null;
  const at = own ? { host: own.socketFolder, user: 'hamlet', database: 'hamlet' } : { connectionString: url };
  const client = new pg.Client({ ...at, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; migrated: boolean }>(
      `select current_setting('server_version') as version, to_regclass('schema_version') is not null as migrated`,
    );
    const { version, migrated } = rows[0]!;
    const applied = migrated ? await appliedIn(client) : 0;
    return {
      ...about,
      ...{ reachable: true, version: `PostgreSQL ${version.split(' ')[0]}`, schema: { applied, newest } },
    };
  } catch (error) {
    const problem = (error as Error).message || String((error as { code?: string }).code);
    return { ...about, reachable: false, schema: { applied: null, newest }, problem };
  } finally {
    await client.end().catch(() => {});
    own?.leave();
  }
}

async function appliedIn(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ applied: string | null }>(
    'select max(version) as applied from schema_version',
  );
  return Number(rows[0]!.applied ?? 0);
}
