import type { ParquetTable } from '../db/index.ts';
import { EVENT_CODE } from '../events/types.ts';

const WORD_OF = `case e.type ${Object.entries(EVENT_CODE)
  .map(([word, code]) => `when ${code} then '${word}'`)
  .join(' ')} end`;
const OPTED_OUT = `coalesce((u.preferences ->> 'excludeFromTraining')::boolean, false)`;

/**
 * Who was shown which picture where, and what they did: events, and the first page of each list that Hamlet
 * served, with the propensity of its draw where there was one. Nobody is named, and who asked not to be trained
 * on is not in it.
 */
export const SHOWINGS: ParquetTable = {
  name: 'showings',
  columns: [
    { name: 'user', type: 'INT32' },
    { name: 'item', type: 'INT32' },
    { name: 'type', type: 'STRING' },
    { name: 'position', type: 'INT32', nullable: true },
    { name: 'propensity', type: 'DOUBLE', nullable: true },
  ],
  sql: `select e.user_ref as "user", e.item_ref as item, ${WORD_OF} as type, e.position::int as position,
      null::float8 as propensity
    from events e join users u on u.ref = e.user_ref join items i on i.ref = e.item_ref
    where i.kind = 1 and not ${OPTED_OUT}
    union all
    select u.ref, shown.item, 'shown', shown.place::int - 1, (r.propensities)[shown.place]::float8
    from recommendations r join users u on u.id = r.user_id
      cross join lateral unnest(r.items[1:r.served]) with ordinality as shown (item, place)
    where r.kind = 1 and not ${OPTED_OUT}
    order by 1, 2, 3, 4`,
};

/** Events of people who asked not to be trained on. */
export const LEFT_OUT = `select count(*)::int as events
  from events e join users u on u.ref = e.user_ref where ${OPTED_OUT}`;
