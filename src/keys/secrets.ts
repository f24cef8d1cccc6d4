import { randomBytes } from 'node:crypto';
import type { Database } from '../db/index.ts';

/** A 32-byte secret that every replica shares: made by whoever asks first. */
export async function getOrCreateSecret(db: Pick<Database, 'pool'>, name: string): Promise<Buffer> {
  await db.pool.query('insert into secrets (name, value) values ($1, $2) on conflict do nothing', [
    name,
    randomBytes(32),
  ]);
  const { rows } = await db.pool.query<{ value: Buffer }>('select value from secrets where name = $1', [
    name,
  ]);
  return rows[0]!.value;
}
