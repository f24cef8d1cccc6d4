import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { isWorthRetrying, translateDatabaseError } from './errors.ts';

const TRIES = 5;

/**
 * Runs `work` in one transaction; again after a deadlock or serialization failure.
 * @throws HamletError `database-unavailable` (503) when the server is away; then nothing was acknowledged,
 *   though the commit itself may have happened: callers' idempotency keys make a repeat harmless.
 */
export async function inTransaction<T>(
  { pool }: { pool: pg.Pool },
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect().catch((error) => {
      throw translateDatabaseError(error);
    });
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch((lost: Error) => {
        broken = lost;
      });
      if (!isWorthRetrying(error) || attempt === TRIES) throw translateDatabaseError(error);
    } finally {
      client.release(broken);
    }
    await sleep(attempt * 10 * (0.5 + Math.random()));
  }
}
