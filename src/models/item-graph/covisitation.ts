import type { Histories } from './ease.ts';
import { RowBuilder } from './row-builder.ts';
import type { SparseRows } from './types.ts';

/**
 * Cosine between items over the users they share, n_ij / √(n_i n_j), times n_ij / (n_ij + shrink) so that a
 * handful of common users does not count as certainty (Bell & Koren 2007, "Improved neighborhood-based
 * collaborative filtering").
 *
 * @param options.history only the newest so many items of a user count: the work is users × history².
 */
export function covisitation(
  log: Histories,
  options: { shrink: number; limit: number; history: number },
  progress: (fraction: number) => void = () => {},
): SparseRows {
  const recent = newest(log, options.history);
  const users = usersOfItems(recent, log.items.length);
  const builder = new RowBuilder(log.items.length, options.limit);
  const count = (item: number) => users.offsets[item + 1]! - users.offsets[item]!;
  for (let item = 0; item < log.items.length; item++) {
    for (let at = users.offsets[item]!; at < users.offsets[item + 1]!; at++) {
      const user = users.users[at]!;
      for (let n = recent.offsets[user]!; n < recent.offsets[user + 1]!; n++)
        if (recent.columns[n] !== item) builder.add(recent.columns[n]!, 1);
    }
    const own = count(item);
    builder.endRow((common, other) => {
      const cosine = common / Math.sqrt(own * count(other));
      return (cosine * common) / (common + options.shrink);
    });
    if (item % 256 === 0) progress(item / log.items.length);
  }
  return builder.finish();
}

type Rows = { offsets: Int32Array; columns: Int32Array };

/** The newest `limit` distinct items of each user. */
function newest(log: Histories, limit: number): Rows {
  const offsets = new Int32Array(log.users + 1);
  const columns = new Int32Array(log.columns.length);
  const lastUser = new Int32Array(log.items.length).fill(-1);
  let used = 0;
  for (let user = 0; user < log.users; user++) {
    const start = used;
    for (let n = log.offsets[user + 1]! - 1; n >= log.offsets[user]! && used - start < limit; n--) {
      const column = log.columns[n]!;
      if (lastUser[column] === user) continue;
      lastUser[column] = user;
      columns[used++] = column;
    }
    offsets[user + 1] = used;
  }
  return { offsets, columns: columns.subarray(0, used) };
}

/** The transpose: who had each item. */
function usersOfItems(rows: Rows, items: number): { offsets: Int32Array; users: Int32Array } {
  const offsets = new Int32Array(items + 1);
  for (const column of rows.columns) offsets[column + 1]!++;
  for (let i = 0; i < items; i++) offsets[i + 1]! += offsets[i]!;
  const next = offsets.slice();
  const users = new Int32Array(rows.columns.length);
  for (let user = 0; user + 1 < rows.offsets.length; user++)
    for (let n = rows.offsets[user]!; n < rows.offsets[user + 1]!; n++)
      users[next[rows.columns[n]!]!++] = user;
  return { offsets, users };
}
