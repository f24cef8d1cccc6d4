import type pg from 'pg';
import type { Log } from '../log.ts';
import { inTransaction } from './transaction.ts';

/** Tables in monthly partitions, and the time that finds a row's month. */
const TABLES = { events: 'received_at', recommendations: 'created_at' };
const MONTHS_AHEAD = 3;

/**
 * Makes the monthly partitions of this month and the next two, where they are missing. Rows that came
 * before their month had a partition lie in the default one and are moved. A month that cannot be made
 * now is logged and left to the next day: its rows go to the default partition meanwhile.
 */
export async function ensurePartitions(pool: pg.Pool, now: Date, log: Log): Promise<void> {
  for (const [table, time] of Object.entries(TABLES)) {
    for (let ahead = 0; ahead < MONTHS_AHEAD; ahead++) {
      const [from, to] = [monthStart(now, ahead), monthStart(now, ahead + 1)];
      const name = `${table}_${from.slice(0, 7).replace('-', '_')}`;
      try {
        await ensurePartition(pool, { table, time, name, from, to });
      } catch (error) {
        log.warn({ err: error, partition: name }, 'partition not made');
      }
    }
  }
}

type Partition = { table: string; time: string; name: string; from: string; to: string };

async function ensurePartition(pool: pg.Pool, { table, time, name, from, to }: Partition): Promise<void> {
  if (await exists(pool, name)) return;
  await inTransaction({ pool }, async (client) => {
    // Whoever waits for these locks holds up every writer behind it: not for long.
    await client.query("set local lock_timeout = '3s'; set local statement_timeout = 0");
    await client.query(`lock table ${table} in share update exclusive mode`);
    if (await exists(client, name)) return; // another replica was first
    const within = `${time} >= '${from}' and ${time} < '${to}'`;
    await client.query(`lock table ${table}_default in access exclusive mode`);
    await client.query(`create table ${name} (like ${table} including defaults including constraints)`);
    await client.query(`insert into ${name} select * from ${table}_default where ${within}`);
    await client.query(`delete from ${table}_default where ${within}`);
    await client.query(
      `alter table ${table} attach partition ${name} for values from ('${from}') to ('${to}')`,
    );
  });
}

async function exists(at: pg.Pool | pg.PoolClient, name: string): Promise<boolean> {
  const { rows } = await at.query<{ there: boolean }>('select to_regclass($1) is not null as there', [name]);
  return rows[0]!.there;
}

/** First instant of a month, UTC. */
const monthStart = (now: Date, ahead: number): string =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1)).toISOString();
