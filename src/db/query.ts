import type { Database } from './database.ts';
import { translateDatabaseError } from './errors.ts';

/** The rows of one statement. @throws HamletError `database-unavailable` (503) while the database is away */
export async function query<Row extends object>(
  db: Pick<Database, 'pool'>,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  try {
    return (await db.pool.query<Row>(text, values)).rows;
  } catch (error) {
    throw translateDatabaseError(error);
  }
}
