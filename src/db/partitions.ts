import type pg from 'pg';
import type { Log } from '../log.ts';

const TABLES = ['events', 'recommendations'];

/**
 * Makes the monthly partitions of this month and the next two. Rows that came before their month had a
 * partition lie in the default one; then that month is left there, which costs pruning, not rows.
 */
export async function ensurePartitions(pool: pg.Pool, now: Date, log: Log): Promise<void> {
  for (const table of TABLES) {
    for (let ahead = 0; ahead < 3; ahead++) {
      const from = monthStart(now, ahead);
      const to = monthStart(now, ahead + 1);
      const name = `${table}_${from.slice(0, 7).replace('-', '_')}`;
      try {
        await pool.query(
          `create table if not exists ${name} partition of ${table} for values from ('${from}') to ('${to}')`,
        );
      } catch (error) {
        // 23514: the default partition holds rows of this month; 42P17: another replica made it first.
        log.warn({ err: error, partition: name }, 'partition not made');
      }
    }
  }
}

const monthStart = (now: Date, ahead: number): string =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1)).toISOString().slice(0, 10);
