import type { Histories } from './ease.ts';
import { RowBuilder } from './row-builder.ts';
import type { SparseRows } from './types.ts';

/** How often item j came right after item i, over all users: raw counts, or shares of each row's total. */
export function transitions(log: Histories, options: { limit: number; shares: boolean }): SparseRows {
  const items = log.items.length;
  const offsets = new Int32Array(items + 1);
  eachStep(log, (from) => offsets[from + 1]!++);
  for (let i = 0; i < items; i++) offsets[i + 1]! += offsets[i]!;
  const followers = new Int32Array(offsets[items]!);
  const next = offsets.slice();
  eachStep(log, (from, to) => {
    followers[next[from]!++] = to;
  });
  const builder = new RowBuilder(items, options.limit);
  for (let item = 0; item < items; item++) {
    const total = offsets[item + 1]! - offsets[item]!;
    for (let at = offsets[item]!; at < offsets[item + 1]!; at++) builder.add(followers[at]!, 1);
    builder.endRow(options.shares ? (count) => count / total : undefined);
  }
  return builder.finish();
}

function eachStep(log: Histories, visit: (from: number, to: number) => void): void {
  for (let user = 0; user < log.users; user++)
    for (let n = log.offsets[user]! + 1; n < log.offsets[user + 1]!; n++)
      if (log.columns[n] !== log.columns[n - 1]) visit(log.columns[n - 1]!, log.columns[n]!);
}
