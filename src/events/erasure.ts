import { createHash } from 'node:crypto';
import type pg from 'pg';
import { type Database, inTransaction } from '../db/index.ts';
import { checkUserId } from './preferences.ts';
import type { ErasureReceipt } from './types.ts';

/**
 * Deletes what Hamlet holds of a person: events and their keys, state, taste, lists and pages, attributes and
 * preferences, the user's row and with it the id. What they made stays in the catalogue: items keep the
 * bare number of their maker, which names nobody any more (numbers are never used twice), so that the
 * creator cap and other people's hidden creators go on working. Those items get a new version, so that every
 * replica forgets the maker's id at its next list.
 *
 * Replicas see that the id is unknown (freshness answers ref 0) and drop the state they hold in memory.
 * An id other users hid by their preferences stays in those users' own data.
 */
export async function eraseUser(db: Database, id: string): Promise<ErasureReceipt> {
  checkUserId(id);
  const erased = await inTransaction(db, async (client) => {
    // Ingestion locks the same row: events that are being written come before the erasure or after it.
    const { rows } = await client.query<{ ref: number }>('select ref from users where id = $1 for update', [
      id,
    ]);
    await unsignReports(client, id);
    const ref = rows[0]?.ref;
    const nothing = { events: 0, states: 0, tastes: 0, itemsUnlinked: 0 };
    const held = ref === undefined ? nothing : await deleteUser(client, ref);
    return { found: ref !== undefined, ...held, ...(await deleteLists(client, id)) };
  });
  const body = { userId: id, erasedAt: new Date().toISOString(), ...erased };
  return { ...body, digest: createHash('sha256').update(canonical(body)).digest('hex') };
}

/** What they reported stays reported, by nobody. */
async function unsignReports(client: pg.PoolClient, id: string) {
  await client.query(
    `update item_reports set reporter = 'erased:' || gen_random_uuid(), note = '' where reporter = $1`,
    [id],
  );
}

/**
 * Also for an id without a row: lists are made for people who never sent an event. Last of all, because lists of
 * others whose ids share the slot are not logged meanwhile; what is being logged of this person is waited for.
 */
async function deleteLists(client: pg.PoolClient, id: string) {
  await client.query('update erasures set count = count + 1 where slot = hashtext($1) & 4095', [id]);
  const lists = await client.query<{ id: string }>(
    'delete from recommendations where user_id = $1 returning id',
    [id],
  );
  // After the lists: whoever logs a page holds the list it is of.
  const pages = await client.query(
    'delete from recommendation_pages where recommendation_id = any($1::uuid[])',
    [lists.rows.map((list) => list.id)],
  );
  return { lists: lists.rowCount ?? 0, pages: pages.rowCount ?? 0 };
}

async function deleteUser(client: pg.PoolClient, ref: number) {
  await client.query(
    'delete from event_keys where event_id in (select event_id from events where user_ref = $1)',
    [ref],
  );
  const events = await client.query('delete from events where user_ref = $1', [ref]);
  const states = await client.query('delete from user_states where user_ref = $1', [ref]);
  const tastes = await client.query('delete from tastes where user_ref = $1', [ref]);
  await client.query('delete from users where ref = $1', [ref]);
  const made = await client.query('select 1 from items where creator_ref = $1 limit 1', [ref]);
  return {
    events: events.rowCount ?? 0,
    states: states.rowCount ?? 0,
    tastes: tastes.rowCount ?? 0,
    itemsUnlinked: made.rowCount ? await renewItems(client, ref) : 0,
  };
}

async function renewItems(client: pg.PoolClient, ref: number): Promise<number> {
  // Two statements: the second must see what other writers committed while the first waited for the clock.
  const { rows } = await client.query<{ value: number }>(
    `update clocks set value = value + 1 where name = 'catalogue' returning value`,
  );
  const items = await client.query('update items set version = $2 where creator_ref = $1', [
    ref,
    rows[0]!.value,
  ]);
  return items.rowCount ?? 0;
}

const canonical = (body: Record<string, unknown>) =>
  JSON.stringify(Object.fromEntries(Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1))));
