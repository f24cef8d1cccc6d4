import { type ItemKind, KIND_CODE } from '../catalog/types.ts';
import type { ParquetTable } from '../db/index.ts';
import { EVENT_CODE, EVENT_STRENGTH, type EventType } from '../events/types.ts';

/** The newest lists tell how things are now; more than these teach a small model nothing more. */
const MOST_LISTS = 100_000;
const STRENGTH = `case e.type ${(Object.entries(EVENT_CODE) as [EventType, number][])
  .filter(([name]) => name !== 'view' && EVENT_STRENGTH[name] > 0)
  .map(([name, code]) => `when ${code} then ${EVENT_STRENGTH[name]}`)
  .join(' ')} end`;

/**
 * Lists as they were ranked and what was done with them, oldest first: `outcomes` holds for each place whose features
 * were logged the strength of the strongest deed beyond a view, 0 where there was none (or the item was disliked or
 * hidden since), and null where the place was on no page that was served. Nobody is named; who asked not to be trained
 * on is not in it, nor are lists that were mixed of two pipelines, whose scores do not compare.
 */
export const listsTable = (kind: ItemKind): ParquetTable => ({
  name: 'lists',
  columns: [
    { name: 'user', type: 'INT32' },
    { name: 'at', type: 'TIMESTAMP' },
    { name: 'names', type: 'JSON' },
    { name: 'features', type: 'STRING' },
    { name: 'scores', type: 'JSON' },
    { name: 'outcomes', type: 'JSON' },
  ],
  sql: `
    with lists as (
      select r.*, u.ref as user_ref from recommendations r join users u on u.id = r.user_id
      where r.kind = ${KIND_CODE[kind]} and r.features is not null and r.teams is null
        and not coalesce((u.preferences ->> 'excludeFromTraining')::boolean, false)
      order by r.created_at desc, r.id desc limit ${MOST_LISTS})
    select l.user_ref as "user", l.created_at as at, v.body -> 'features' as names,
      encode(l.features, 'hex') as features, to_jsonb(l.scores) as scores,
      (select jsonb_agg(case
          when place > l.served and not exists (
            select from recommendation_pages p where p.recommendation_id = l.id and item = any(p.items)) then null
          else coalesce((
            select case when min(e.type) filter (where e.type in (${EVENT_CODE.dislike}, ${EVENT_CODE.hide})) is null
              then max(${STRENGTH}) end
            from events e where e.recommendation_id = l.id and e.user_ref = l.user_ref and e.item_ref = item), 0) end
          order by place)
        from unnest(l.items[1:octet_length(l.features) / greatest(1, jsonb_array_length(v.body -> 'features'))])
          with ordinality as shown (item, place)) as outcomes
    from lists l join pipeline_versions v on v.digest = l.config_digest
    where octet_length(l.features) > 0
    order by l.created_at, l.id`,
});
