import { servable } from '../catalog/index.ts';
import { type ItemKind, KIND_NAME } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';
import { checkUserId } from './preferences.ts';
import { EVENT_CODE, type EventType } from './types.ts';

/** One thing a person did, with what it was done to. */
export type Deed = {
  /** Of the person's changes: a later one has a higher number. */
  seq: number;
  type: EventType;
  occurredAt: string;
  kind: ItemKind;
  id: string;
  /** Empty where the item is gone, or above the caller's level. */
  title: string;
  url: string;
  recommendationId: string | null;
  position: number | null;
};

const TYPE_NAME = Object.fromEntries(Object.entries(EVENT_CODE).map(([name, code]) => [code, name]));

type Row = {
  seq: number;
  type: number;
  occurred_at: Date;
  kind: number;
  id: string;
  title: string;
  url: string;
  live: boolean;
  effective_level: number;
  recommendation_id: string | null;
  position: number | null;
};

/** A person's events before a number of theirs, the latest first. */
export async function readHistory(
  db: Database,
  userId: string,
  { before, limit, maxLevel }: { before?: number; limit: number; maxLevel: number },
): Promise<Deed[]> {
  const rows = await query<Row>(
    db,
    `select e.seq::float8 as seq, e.type, e.occurred_at, e.recommendation_id, e.position,
       i.kind, i.id, i.title, i.url, i.status = 1 as live, i.effective_level
     from events e join items i on i.ref = e.item_ref
     where e.user_ref = (select ref from users where id = $1) and e.seq < coalesce($2::bigint, 9223372036854775807)
     order by e.seq desc limit $3`,
    [checkUserId(userId), before ?? null, limit],
  );
  return rows.map((row) => {
    const shown = row.live && servable(row.effective_level, maxLevel);
    return {
      ...{ seq: row.seq, type: TYPE_NAME[row.type] as EventType, kind: KIND_NAME[row.kind]!, id: row.id },
      occurredAt: new Date(row.occurred_at).toISOString(),
      ...{ title: shown ? row.title : '', url: shown ? row.url : '' },
      ...{ recommendationId: row.recommendation_id, position: row.position },
    };
  });
}

/** By the index of ids, whose order may be a language's: hence a text to begin at, not one to begin with. */
export const listUsers = (
  db: Database,
  from: string,
  limit: number,
): Promise<{ id: string; changes: number }[]> =>
  query(db, `select id, seq::float8 as changes from users where id >= $1 and stored order by id limit $2`, [
    from,
    limit,
  ]);
