import type { ItemColumns } from '../../catalog/columns.ts';
import type { Deeds } from '../../events/index.ts';

/** The catalogue as it stood at a moment: what had not come yet is held back, whoever looks. */
export type PastColumns = ItemColumns & { moveTo(at: number): void };

/** @param from when each item came (milliseconds), by ref */
export function pastColumns(columns: ItemColumns, from: Float64Array): PastColumns {
  const level = new Uint8Array(columns.size);
  const inOrder = Int32Array.from({ length: columns.size }, (_, ref) => ref).sort(
    (a, b) => from[a]! - from[b]!,
  );
  let there = 0;
  let version = 0;
  return {
    ...columns,
    level,
    get version() {
      return version;
    },
    moveTo(at) {
      while (there < inOrder.length && from[inOrder[there]!]! <= at) {
        level[inOrder[there]!] = columns.level[inOrder[there]!]!;
        there++;
      }
      while (there > 0 && from[inOrder[there - 1]!]! > at) level[inOrder[--there]!] = 0;
      // Whatever was remembered of another time, ages among it, is not of this one.
      version++;
    },
  };
}

/** When each item came: as its creation says, else when it was first met; what says neither was always there. */
export function cameAt(columns: ItemColumns, everybody: readonly Pick<Deeds, 'deeds'>[]): Float64Array {
  const first = new Float64Array(columns.size).fill(Number.POSITIVE_INFINITY);
  for (const { deeds } of everybody)
    for (const { item, at } of deeds) if (at < first[item]!) first[item] = at;
  return first.map((met, ref) => {
    if (columns.created[ref]! > 0) return columns.created[ref]! * 1000;
    return Number.isFinite(met) ? met : Number.NEGATIVE_INFINITY;
  });
}
