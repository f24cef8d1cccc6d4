import type { UserRef } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';
import { EVENT_CODE, type EventType, type StateEvent } from './types.ts';

/** Everything one person did, in the order in which it was taken in. */
export type Deeds = { user: UserRef; id: string; deeds: StateEvent[] };

type Row = { user: UserRef; id: string; items: number[]; types: number[]; times: number[] };

const TYPE_NAME = new Map<number, EventType>(
  Object.entries(EVENT_CODE).map(([name, code]) => [code, name as EventType]),
);

export async function readDeeds(db: Database): Promise<Deeds[]> {
  const rows = await query<Row>(
    db,
    `select u.ref as user, u.id, array_agg(e.item_ref order by e.seq) as items,
       array_agg(e.type order by e.seq) as types,
       array_agg((extract(epoch from e.occurred_at) * 1000)::float8 order by e.seq) as times
     from events e join users u on u.ref = e.user_ref
     group by u.ref, u.id order by u.ref`,
    [],
  );
  return rows.map(({ user, id, items, types, times }) => ({
    ...{ user, id },
    deeds: items.map((item, n) => ({ item, type: TYPE_NAME.get(types[n]!)!, at: times[n]! })),
  }));
}
