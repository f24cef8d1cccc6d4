import { badInput } from '../errors.ts';
import { readLines } from '../imports/index.ts';
import { type Dataset, describeFile, Malformed } from './sequences.ts';

/** Histories with times, oldest first, an item as often as it was met. Items are columns 0…n-1. */
export type Timeline = {
  items: string[];
  users: string[];
  /** User u holds [offsets[u], offsets[u+1]) of `columns` and `times`. */
  offsets: Int32Array;
  columns: Int32Array;
  /** Milliseconds. */
  times: Float64Array;
  dataset: Dataset;
};

const ID_LIMIT = 256;
/** A number below this is of seconds: as milliseconds it would lie in 1973. */
const SECONDS_BELOW = 1e11;

/**
 * @param path `user item time` a line in any order; a time is seconds or milliseconds since 1970, or ISO 8601.
 *   What has the same time stays in the order of the file.
 * @throws HamletError `file-unreadable`, `sequences-empty` (400)
 */
export async function readTimeline(
  path: string,
  progress: (fraction: number) => void = () => {},
): Promise<Timeline> {
  const histories = new Map<string, { column: number; time: number }[]>();
  const columnOf = new Map<string, number>();
  const malformed = new Malformed();
  for await (const { first, lines, fraction } of readLines(path)) {
    lines.forEach((line, n) => {
      if (line?.trim() === '') return;
      const [user, item, at, ...more] = line?.trim().split(/\s+/u) ?? [];
      const time = timeOf(at);
      if (!isId(user) || !isId(item) || Number.isNaN(time) || more.length > 0) {
        malformed.add(first + n);
        return;
      }
      const column = columnOf.get(item) ?? columnOf.size;
      columnOf.set(item, column);
      const history = histories.get(user);
      if (history === undefined) histories.set(user, [{ column, time }]);
      else history.push({ column, time });
    });
    progress(fraction);
  }
  if (histories.size === 0)
    throw badInput('sequences-empty', `${path} ${malformed.cause()}; each is \`user item time\`.`);
  const rows = [...histories.values()].map((row) => row.sort((a, b) => a.time - b.time));
  const events = rows.flat();
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, user) => {
    offsets[user + 1] = offsets[user]! + row.length;
  });
  return {
    items: [...columnOf.keys()],
    users: [...histories.keys()],
    offsets,
    columns: Int32Array.from(events, ({ column }) => column),
    times: Float64Array.from(events, ({ time }) => time),
    dataset: await describeFile(path, {
      ...{ users: rows.length, items: columnOf.size, interactions: events.length },
      ...{ repeats: rows.reduce((sum, row) => sum + repeatsIn(row), 0), malformed: malformed.told() },
    }),
  };
}

const isId = (word: string | undefined): word is string => word !== undefined && word.length <= ID_LIMIT;

function timeOf(word: string | undefined): number {
  if (word === undefined) return Number.NaN;
  if (!/^\d+(\.\d+)?$/u.test(word)) return Date.parse(word);
  const number = Number(word);
  return number < SECONDS_BELOW ? number * 1000 : number;
}

const repeatsIn = (row: { column: number }[]): number =>
  row.length - new Set(row.map(({ column }) => column)).size;
