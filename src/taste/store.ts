import { type Database, inTransaction, query } from '../db/index.ts';
import type { StatedPreference, Taste } from './types.ts';

export type Stored = { machine: Taste | null; stated: StatedPreference[] | null; statedAt: string | null };
type Row = { body: Taste | null; stated: StatedPreference[] | null; stated_at: Date | null };
const NOTHING: Stored = { machine: null, stated: null, statedAt: null };

export async function readTaste(db: Database, user: number): Promise<Stored> {
  const [row] = await query<Row>(db, 'select body, stated, stated_at from tastes where user_ref = $1', [
    user,
  ]);
  if (row === undefined) return NOTHING;
  return {
    machine: row.body,
    stated: row.stated,
    statedAt: row.stated_at && new Date(row.stated_at).toISOString(),
  };
}

/** Of someone who is erased meanwhile nothing is stored. */
export async function storeTaste(db: Database, taste: Taste): Promise<void> {
  await query(
    db,
    `insert into tastes (user_ref, body) select ref, $2::jsonb from users where ref = $1 for key share
     on conflict (user_ref) do update set body = excluded.body, updated_at = now()`,
    [taste.user, JSON.stringify(taste)],
  );
}

/**
 * What a person says of their own taste, or null to take it back. Raises `users.seq`, so that the next list on every
 * replica follows it. Creates a person nobody has stored yet.
 */
export async function storeStated(
  db: Database,
  userId: string,
  stated: StatedPreference[] | null,
): Promise<void> {
  await inTransaction(db, async (client) => {
    const { rows } = await client.query<{ ref: number }>(
      `insert into users as u (id, seq) values ($1, 1)
       on conflict (id) do update set stored = true, seq = u.seq + 1 returning ref`,
      [userId],
    );
    await client.query(
      `insert into tastes (user_ref, stated, stated_at) values ($1, $2::jsonb, case when $2 is null then null else now() end)
       on conflict (user_ref) do update set stated = excluded.stated, stated_at = excluded.stated_at, updated_at = now()`,
      [rows[0]!.ref, stated && JSON.stringify(stated)],
    );
  });
}
