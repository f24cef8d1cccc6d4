import type pg from 'pg';
import type { ParquetTable } from '../../db/index.ts';
import { EVENT_CODE } from '../../events/types.ts';
import { attributeOf } from './read.ts';

type Column = ParquetTable['columns'][number] & { sql: string; about: string };
const count = (name: string, about: string, sql = name): Column => ({ name, type: 'INT32', sql, about });
const number = (name: string, about: string): Column => ({ name, type: 'DOUBLE', sql: name, about });
const flag = (name: string, about: string): Column => ({ name, type: 'BOOLEAN', sql: name, about });
const text = (name: string, about: string, sql = name): Column => ({ name, type: 'STRING', sql, about });

const ALWAYS: Column[] = [
  text('variant', 'KEY@VERSION:VARIANT'),
  text('day', 'first seen, UTC', `to_char(first_at at time zone 'UTC', 'YYYY-MM-DD')`),
  flag('bot', 'left out of every comparison'),
  flag('crossed', 'seen in several variants, left out too'),
  count('lists', 'lists shown'),
  count('positions', 'items on first pages'),
  count('sessions', 'runs of lists without a long silence'),
  number('ms', 'milliseconds of the pipeline, summed over ms_lists lists'),
  count('ms_lists', 'lists whose time is known'),
  number('diversity', 'mean 1 − cosine of a first page, summed over diversity_lists lists'),
  count('diversity_lists', 'lists whose diversity is known'),
  number('hours_to_like', 'from the first list to the first like, cut at the attribution window'),
  ...Object.entries(EVENT_CODE).map(([name, code]) => count(name, 'events that count', `e${code}`)),
  ...Object.entries(EVENT_CODE).map(([name, code]) =>
    count(`${name}_before`, 'events before the start, for CUPED', `b${code}`),
  ),
];

/** A line a person: enough to compute every figure of a report again. Without the person's id. */
export const columnsFor = (client: Pick<pg.ClientBase, 'escapeLiteral'>, segments: string[]): Column[] => [
  ...ALWAYS,
  ...segments.map((attribute, n) =>
    text(`segment_${n + 1}`, `attribute ${attribute}`, attributeOf(client, attribute)),
  ),
];

export const peopleTable = (columns: Column[]): ParquetTable => ({
  name: 'people',
  columns,
  sql: `select ${columns.map(({ name, type, sql }) => `${type === 'INT32' ? `(${sql})::int` : sql} as "${name}"`).join(', ')} from measured`,
});
