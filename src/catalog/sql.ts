import type pg from 'pg';
import { type Database, translateDatabaseError } from '../db/index.ts';

/** A pool or a transaction's client. */
export type Queryable = Pick<pg.PoolClient, 'query'>;

/**
 * One statement outside a transaction, rows as arrays (half the cost of objects on wide reads).
 * @throws HamletError `database-unavailable` (503) when the server cannot be reached.
 */
export async function readRows<Row extends unknown[]>(
  db: Database,
  text: string,
  values: unknown[],
): Promise<Row[]> {
  try {
    return (await db.pool.query<Row>({ text, values, rowMode: 'array' })).rows;
  } catch (error) {
    throw translateDatabaseError(error);
  }
}

/**
 * Takes the next catalogue version and, until the transaction ends, the right to write items. One writer at a
 * time is what makes versions become visible in order, so that nobody who reads `version > mine` misses a row.
 */
export async function nextVersion(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ value: string | number }>(
    "update clocks set value = value + 1 where name = 'catalogue' returning value",
  );
  return Number(rows[0]!.value);
}

/** Where the catalogue stands: read before items, so that what changes meanwhile has a later version. */
export async function catalogueClock(db: Database): Promise<number> {
  const [row] = await readRows<[number]>(db, "select value::float8 from clocks where name = 'catalogue'", []);
  return row?.[0] ?? 0;
}
