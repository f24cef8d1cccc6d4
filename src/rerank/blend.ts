import type { Describer } from '../taste/index.ts';

/**
 * What a standard deviation of an opinion counts for beside one of the base order. What a model says comes on top of
 * what CLIP sees: together they know more than either. Chosen on lists that no figure is reported on
 * (bench/rerank.md).
 */
const WEIGHT = { attributes: 1.5, vlm: 2 } as const;
/** What people say of themselves counts twice what is concluded from their deeds. */
const STATED = 2;

export type Ranker = keyof typeof WEIGHT;
/** Scores in base order; undefined where there is none. */
export type Scores = readonly (number | undefined)[];

/**
 * Values to order by: standardised base places plus weighted standardised scores. An item without a score has the mean
 * one, so that it neither gains nor loses.
 *
 * @param conviction how much the model's scores say
 */
export function blend(
  { attributes, vlm = [], conviction = 0 }: { attributes: Scores; vlm?: Scores; conviction?: number },
  describedBy: Describer,
): number[] {
  const told = describedBy === 'person' ? STATED : 1;
  const [byLook, byModel] = [standardised(attributes), standardised(vlm)];
  return standardised(attributes.map((_, place) => -place)).map(
    (place, n) =>
      place! + told * (WEIGHT.attributes * (byLook[n] ?? 0) + WEIGHT.vlm * conviction * (byModel[n] ?? 0)),
  );
}

/** Mean 0 and deviation 1 over what is there; all 0 where nothing differs. */
export function standardised(values: Scores): (number | undefined)[] {
  const { mean, sd } = spreadOf(values.filter((value) => value !== undefined));
  return values.map((value) => (value === undefined ? undefined : sd > 1e-9 ? (value - mean) / sd : 0));
}

export function spreadOf(values: readonly number[]): { mean: number; sd: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / values.length) };
}
