import { join, resolve } from 'node:path';
import type pg from 'pg';
import Postgrator from 'postgrator';

const FOLDER = resolve(import.meta.dirname, '../../migrations');
/** Any number; every replica takes the same lock, so one migrates and the others wait. */
const LOCK = 0x48414d4c;
const OLDEST_SERVER = 150000;

/**
 * Applies what is missing from a folder of migrations, in order, one replica at a time: all of it or nothing.
 * @throws Error when an applied file was changed afterwards, the database is newer than this code, or the
 *   server is older than PostgreSQL 15
 */
export async function migrate(pool: pg.Pool, folder = FOLDER): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin; set local statement_timeout = 0');
    await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
    const { rows } = await client.query<{ server: number; schema: string }>(
      "select current_setting('server_version_num')::int as server, current_schema() as schema",
    );
    const { server, schema } = rows[0]!;
    if (server < OLDEST_SERVER) throw new Error(`PostgreSQL ${Math.floor(server / 10000)}: 15 is the oldest`);
    const migrator = new Postgrator({
      driver: 'pg',
      schemaTable: 'schema_version',
      currentSchema: schema,
      migrationPattern: join(folder.replace(/[*?[\]{}()!+@\\]/g, '\\$&'), '*.sql'),
      execQuery: (query) => client.query(query) as Promise<{ rows: never[] }>,
      newline: 'LF',
    });
    const known = await migrator.getMaxVersion();
    const applied = await migrator.getDatabaseVersion();
    if (applied > known) {
      throw new Error(`the database has schema ${applied}, this Hamlet knows ${known}: use a newer Hamlet`);
    }
    await migrator.migrate();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch((lost: Error) => {
      broken = lost;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
