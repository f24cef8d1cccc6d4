import { type Database, inTransaction, query } from '../db/index.ts';
import { checkAttributes, checkPreferences, checkUserId } from './preferences.ts';
import type { Preferences, UserRecord } from './types.ts';

type UserRow = {
  ref: number;
  id: string;
  stored: boolean;
  attributes: Record<string, unknown>;
  preferences: Preferences;
  created_at: Date;
  events: number;
  items: number;
  lists: number;
};

/** Null when Hamlet holds nothing of the user. */
export async function getUser(db: Database, id: string): Promise<UserRecord | null> {
  const [row] = await query<UserRow>(
    db,
    `select u.*,
       (select count(*) from events where user_ref = u.ref) as events,
       (select count(*) from items where creator_ref = u.ref and status = 1) as items,
       (select count(*) from recommendations where user_id = u.id) as lists
     from users u where u.id = $1`,
    [checkUserId(id)],
  );
  if (row === undefined) return null;
  return {
    id: row.id,
    stored: row.stored,
    attributes: row.attributes,
    preferences: row.preferences,
    createdAt: new Date(row.created_at).toISOString(),
    counts: { events: Number(row.events), items: Number(row.items), lists: Number(row.lists) },
  };
}

/**
 * Creates or changes a user; what is not given stays as it is. Whatever is given raises `users.seq`, so that
 * the next list on every replica obeys it.
 * @throws HamletError `user-id-invalid`, `attributes-invalid`, `preferences-invalid` (400)
 */
export async function putUser(
  db: Database,
  id: string,
  given: { attributes?: unknown; preferences?: unknown },
): Promise<{ status: 'created' | 'updated' }> {
  checkUserId(id);
  const attributes = given.attributes === undefined ? null : checkAttributes(given.attributes);
  const preferences = given.preferences === undefined ? null : checkPreferences(given.preferences);
  return inTransaction(db, async (client) => {
    // Hidden creators need a number of their own now: an item of theirs that comes later is hidden too.
    await client.query(
      `insert into users (id, stored) select distinct h, false from unnest($1::text[]) h
       where not exists (select 1 from users where id = h) order by 1 on conflict do nothing`,
      [preferences?.hiddenCreators ?? []],
    );
    const { rows } = await client.query<{ created: boolean }>(
      `insert into users as u (id, attributes, preferences, seq)
       values ($1, coalesce($2::jsonb, '{}'), coalesce($3::jsonb, '{}'), case when coalesce($2, $3) is null then 0 else 1 end)
       on conflict (id) do update set stored = true,
         attributes = coalesce($2::jsonb, u.attributes),
         preferences = coalesce($3::jsonb, u.preferences),
         seq = u.seq + case when coalesce($2, $3) is null then 0 else 1 end
       returning xmax = 0 as created`,
      [id, attributes && JSON.stringify(attributes), preferences && JSON.stringify(preferences)],
    );
    return { status: rows[0]!.created ? 'created' : 'updated' };
  });
}

export async function countUsersAndEvents(db: Database): Promise<{ users: number; events: number }> {
  const [row] = await query<{ users: number; events: number }>(
    db,
    `select (select count(*) from users where stored or seq > 0) as users, (select count(*) from events) as events`,
  );
  return { users: Number(row!.users), events: Number(row!.events) };
}
