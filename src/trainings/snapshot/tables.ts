import { KIND_CODE } from '../../catalog/types.ts';
import type { ParquetTable } from '../../db/index.ts';
import { EVENT_CODE } from '../../events/types.ts';

type Table = ParquetTable & { name: 'events' | 'items' | 'vectors' };

const wordOf = (column: string, codes: Record<string, number>) =>
  `case ${column} ${Object.entries(codes)
    .map(([word, code]) => `when ${code} then '${word}'`)
    .join(' ')} end`;

/** People who are not to be trained on are not in it. People and items are numbers: nobody is named. */
const TRAINED_ON = `join users u on u.ref = e.user_ref
  and not coalesce((u.preferences ->> 'excludeFromTraining')::boolean, false)`;

/** What a snapshot holds, in an order that depends on the data alone: the same log makes the same bytes. */
export const TABLES: Table[] = [
  {
    name: 'events',
    columns: [
      { name: 'user', type: 'INT32' },
      { name: 'item', type: 'INT32' },
      { name: 'type', type: 'STRING' },
      { name: 'at', type: 'TIMESTAMP' },
      { name: 'position', type: 'INT32', nullable: true },
      { name: 'synthetic', type: 'BOOLEAN' },
    ],
    sql: `select e.user_ref as "user", e.item_ref as item, ${wordOf('e.type', EVENT_CODE)} as type,
        e.occurred_at as at, e.position, e.synthetic
      from events e ${TRAINED_ON} order by e.user_ref, e.seq`,
  },
  {
    name: 'items',
    columns: [
      { name: 'item', type: 'INT32' },
      { name: 'kind', type: 'STRING' },
      { name: 'id', type: 'STRING' },
      { name: 'creator', type: 'INT32', nullable: true },
      { name: 'level', type: 'INT32' },
      { name: 'title', type: 'STRING' },
      { name: 'url', type: 'STRING' },
      { name: 'prompt', type: 'STRING' },
      { name: 'tags', type: 'JSON' },
      { name: 'models', type: 'JSON' },
    ],
    sql: `select ref as item, ${wordOf('kind', KIND_CODE)} as kind, id, creator_ref as creator,
        effective_level as level, title, url, prompt, tags, model_refs as models
      from items where status = 1 order by ref`,
  },
  {
    // What CLIP sees in them: 32-bit floats, little-endian.
    name: 'vectors',
    columns: [
      { name: 'item', type: 'INT32' },
      { name: 'vector', type: 'BYTES' },
    ],
    sql: `select v.item_ref as item, v.data as vector from item_vectors v
      join items i on i.ref = v.item_ref and i.status = 1 where v.space = 'clip' order by v.item_ref`,
  },
];

export const PEOPLE = `select count(distinct e.user_ref)::int as users from events e ${TRAINED_ON}`;
