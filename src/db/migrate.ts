import { join, resolve } from 'node:path';
import type pg from 'pg';
import Postgrator from 'postgrator';

const FOLDER = resolve(import.meta.dirname, '../../migrations');
/** Any number; every replica takes the same lock, so one migrates and the others wait. */
const LOCK = 0x48414d4c;

/**
 * Applies what is missing from migrations/, in order, one replica at a time.
 * @throws Error when an applied file was changed afterwards, or the database is newer than this code
 */
export async function migrate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('set statement_timeout = 0');
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    const migrator = new Postgrator({
      driver: 'pg',
      schemaTable: 'schema_version',
      migrationPattern: join(FOLDER, '*.sql'),
      execQuery: (query) => client.query(query) as Promise<{ rows: never[] }>,
      newline: 'LF',
    });
    const known = await migrator.getMaxVersion();
    const applied = Number(await migrator.getDatabaseVersion().catch(() => 0));
    if (applied > known) {
      throw new Error(`the database has schema ${applied}, this Hamlet knows ${known}: use a newer Hamlet`);
    }
    await migrator.migrate();
  } finally {
    await client.query('select pg_advisory_unlock_all(); reset statement_timeout').catch(() => {});
    client.release();
  }
}
