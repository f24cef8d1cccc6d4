/**
 * GrowthBook's published hash version 2 (FNV-1a of FNV-1a, 32 bits) and its bucket ranges, so that any
 * of its SDKs puts a person into the same variant. docs.growthbook.io/lib/build-your-own
 */
const BUCKETS = 10_000;

/** FNV-1a over UTF-16 code units, as the SDKs do it. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** In [0, 1), a multiple of 1/10,000. */
export const bucketOf = (seed: string, value: string): number =>
  (fnv1a(String(fnv1a(seed + value))) % BUCKETS) / BUCKETS;

export type Range = readonly [from: number, to: number];

/**
 * Where each variant's buckets lie. A variant's range begins at the same place whatever the coverage,
 * so raising coverage only adds people; nobody moves.
 *
 * @param weights sum to 1
 */
export function bucketRanges(weights: readonly number[], coverage: number): Range[] {
  let start = 0;
  return weights.map((weight) => {
    const range: Range = [start, start + coverage * weight];
    start += weight;
    return range;
  });
}

/** -1 when the bucket is outside every range. */
export const rangeOf = (bucket: number, ranges: readonly Range[]): number =>
  ranges.findIndex(([from, to]) => bucket >= from && bucket < to);
