/**
 * What the second opinion's standard deviation counts for beside the base order's, if it is wholly reliable. Chosen on lists of the demo
 * world that no figure is reported on (bench/rerank.md).
 */
export const OPINION_WEIGHT = { attributes: 0.3, vlm: 8 } as const;

/**
 * Values to order by: standardised base places plus weighted standardised opinions. An item without an opinion has
 * the mean one, so that it neither gains nor loses.
 *
 * @param opinions in base order; undefined where there is none
 */
export function blend(opinions: readonly (number | undefined)[], weight: number): number[] {
  const places = standardised(opinions.map((_, place) => -place));
  const known = standardised(opinions);
  return places.map((place, n) => place! + weight * (known[n] ?? 0));
}

/** Mean 0 and deviation 1 over what is there; all 0 where nothing differs. */
export function standardised(values: readonly (number | undefined)[]): (number | undefined)[] {
  const there = values.filter((value) => value !== undefined);
  const mean = there.reduce((sum, value) => sum + value, 0) / there.length;
  const sd = Math.sqrt(there.reduce((sum, value) => sum + (value - mean) ** 2, 0) / there.length);
  return values.map((value) => (value === undefined ? undefined : sd > 1e-9 ? (value - mean) / sd : 0));
}
