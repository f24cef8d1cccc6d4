import { levelsUpTo } from '../levels.ts';
import type { VectorFilter } from '../port.ts';
import { GONE, type PointTable } from './point-table.ts';

/** A filter made ready for one table: how many rows it may keep, whether it keeps a row, and which. */
export type RowFilter = {
  /** Expected number of rows that pass, by exact counts of each condition taken as independent. */
  expected: number;
  passes(row: number): boolean;
  /** Fills `into` (room for every row of the table) with the passing rows; returns how many. */
  list(into: Int32Array): number;
};

export function rowFilter(table: PointTable, filter: VectorFilter = {}): RowFilter {
  const levels = filter.maxLevel === undefined ? undefined : levelsUpTo(filter.maxLevel);
  const tags = filter.tags?.length
    ? filter.tags.map((name) => table.tagNumber(name)).filter((tag) => tag !== undefined)
    : undefined;
  const notCreators = filter.notCreators?.length ? new Set(filter.notCreators) : undefined;
  const notIds = filter.notIds === undefined ? undefined : asSet(filter.notIds);

  const { live } = table;
  const sum = (values: Iterable<number>, count: (value: number) => number) => {
    let total = 0;
    for (const value of values) total += count(value);
    return total;
  };
  const withLevel = levels ? sum(levels, (level) => table.byLevel.count(level)) : live;
  const withTag = tags
    ? Math.min(
        live,
        sum(tags, (tag) => table.byTag.count(tag)),
      )
    : live;
  const byBlocked = notCreators ? sum(notCreators, (creator) => table.byCreator.get(creator) ?? 0) : 0;
  const share = (count: number) => (live === 0 ? 0 : count / live);
  const expected = Math.max(
    0,
    live * share(withLevel) * share(withTag) * share(live - byBlocked) - (notIds?.size ?? 0),
  );

  const allowed = new Uint8Array(256);
  if (levels) for (const level of levels) allowed[level] = 1;
  else allowed.fill(1, 0, GONE);
  const passes = (row: number) =>
    allowed[table.levels[row]!] === 1 &&
    (tags === undefined || meets(table.tags[row]!, tags)) &&
    (notCreators === undefined || !notCreators.has(table.creators[row]!)) &&
    (notIds === undefined || !notIds.has(table.ids[row]!));

  /** The shortest lists that hold every passing row; none when all rows are as few. */
  const lists = () => {
    if (tags && withTag <= withLevel) return tags.map((tag) => table.byTag.rows(tag));
    if (levels && withLevel < live) return levels.map((level) => table.byLevel.rows(level));
    return undefined;
  };

  const list = (into: Int32Array) => {
    let count = 0;
    const walk = lists();
    if (walk === undefined) {
      for (let row = 0; row < table.size; row++) if (passes(row)) into[count++] = row;
      return count;
    }
    const met = new Uint8Array(table.size);
    for (const rows of walk) {
      for (const row of rows) {
        if (met[row] === 1 || !passes(row)) continue;
        met[row] = 1;
        into[count++] = row;
      }
    }
    return count;
  };
  return { expected, passes, list };
}

const asSet = (ids: Iterable<number>): ReadonlySet<number> => (ids instanceof Set ? ids : new Set(ids));

function meets(some: number[], others: number[]): boolean {
  for (const one of some) if (others.includes(one)) return true;
  return false;
}
