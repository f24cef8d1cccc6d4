import type { Database } from '../../src/db/index.ts';
import { EVENT_CODE, type EventType } from '../../src/events/types.ts';
import { newListId } from '../../src/recommend/list-id.ts';

export type PlantedList = {
  person: string;
  variant: string;
  at: Date;
  /** Items on the first page. */
  served?: number;
  ms?: number;
  diversity?: number;
  deeds?: { type: EventType; item?: number; after?: number; by?: string; received?: number }[];
};

/**
 * Writes lists and what was done with them straight into the log. `after` and `received` are minutes from
 * the list; a deed is on the list's first item unless it says another.
 */
export async function plantLog(db: Database, lists: PlantedList[]): Promise<void> {
  const people = [
    ...new Set(lists.flatMap(({ person, deeds = [] }) => [person, ...deeds.map(({ by }) => by ?? person)])),
  ];
  await db.pool.query('insert into users (id) select unnest($1::text[]) on conflict do nothing', [people]);
  const known = await db.pool.query<{ id: string; ref: number }>('select id, ref from users');
  const refs = new Map(known.rows.map(({ id, ref }) => [id, ref]));
  const rows = lists.map((list) => ({ ...list, id: newListId(list.at.getTime()) }));
  await db.pool.query(
    `insert into recommendations (id, created_at, user_id, user_seq, kind, surface, variant, config_digest, max_level,
       seed, items, scores, sources, because, request, served, ms, diversity)
     select id, at, person, 0, 1, 'home', variant, '', 1, 0, '{1}', '{1}', '{1}', '{0}', '{}', served, ms, diversity
     from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::int[], $6::real[], $7::real[])
       as row (id, at, person, variant, served, ms, diversity)`,
    [
      rows.map(({ id }) => id),
      rows.map(({ at }) => at.toISOString()),
      rows.map(({ person }) => person),
      rows.map(({ variant }) => variant),
      rows.map(({ served = 20 }) => served),
      rows.map(({ ms = null }) => ms),
      rows.map(({ diversity = null }) => diversity),
    ],
  );
  const deeds = rows.flatMap(({ id, at, person, deeds = [] }) =>
    deeds.map(({ type, item = 1, after = 1, by = person, received = after }) => ({
      ...{ list: id, user: refs.get(by)!, item, type: EVENT_CODE[type] },
      occurred: new Date(at.getTime() + after * 60_000).toISOString(),
      received: new Date(at.getTime() + received * 60_000).toISOString(),
    })),
  );
  await db.pool.query(
    `insert into events (user_ref, seq, item_ref, type, occurred_at, received_at, recommendation_id, event_id)
     select u, row_number() over (), item, type, occurred, received, list, gen_random_uuid()::text
     from unnest($1::int[], $2::int[], $3::smallint[], $4::timestamptz[], $5::timestamptz[], $6::uuid[])
       as row (u, item, type, occurred, received, list)`,
    [
      deeds.map(({ user }) => user),
      deeds.map(({ item }) => item),
      deeds.map(({ type }) => type),
      deeds.map(({ occurred }) => occurred),
      deeds.map(({ received }) => received),
      deeds.map(({ list }) => list),
    ],
  );
}
