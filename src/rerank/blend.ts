import type { ItemKind } from '../catalog/types.ts';
import type { Candidate } from '../recommend/types.ts';
import type { Describer } from '../taste/index.ts';

/**
 * What a standard deviation of an opinion counts for beside one of the base order: the less, the more that order knows.
 * One that learned models made has taken from people's deeds nearly all that words about their taste say of models.
 * What a vision-language model says comes on top of what CLIP sees. A person's own words outweigh any order, for none
 * has learned from them. Chosen on lists that no figure is reported on (bench/rerank.md).
 */
const WEIGHT = {
  counted: { image: { attributes: 1, vlm: 2 }, model: { attributes: 0.5, vlm: 1 } },
  learned: { image: { attributes: 0.5, vlm: 1.2 }, model: { attributes: 0.1, vlm: 0.4 } },
  stated: { image: { attributes: 3, vlm: 4 }, model: { attributes: 3, vlm: 4 } },
} as const;
/** Features that a learned model gives. */
const LEARNED = ['tower', 'sequence'] as const;

/** Scores in base order; undefined where there is none. */
export type Scores = readonly (number | undefined)[];
/** Who made the base order: learned models, or counts and content alone. */
export type BaseOrder = 'learned' | 'counted';

export const madeBy = (items: readonly Pick<Candidate, 'features'>[]): BaseOrder =>
  items.some(({ features }) => LEARNED.some((name) => features[name] !== undefined)) ? 'learned' : 'counted';

/**
 * Values to order by: standardised base places plus weighted standardised scores. Places count by their logarithm, as
 * what is liked gets rarer down a list. An item without a score has the mean one, so that it neither gains nor loses.
 *
 * @param opinions.conviction how much the model's scores say
 */
export function blend(
  opinions: { attributes: Scores; vlm?: Scores; conviction?: number },
  about: { kind: ItemKind; base: BaseOrder; describedBy: Describer },
): number[] {
  const { attributes, vlm = [], conviction = 0 } = opinions;
  const weight = WEIGHT[about.describedBy === 'person' ? 'stated' : about.base][about.kind];
  const [byLook, byModel] = [standardised(attributes), standardised(vlm)];
  return standardised(attributes.map((_, place) => -Math.log(place + 1))).map(
    (place, n) => place! + weight.attributes * (byLook[n] ?? 0) + weight.vlm * conviction * (byModel[n] ?? 0),
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
