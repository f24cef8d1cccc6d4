import type { ItemKind } from '../catalog/types.ts';
import type { Candidate } from '../recommend/types.ts';
import type { Describer } from '../taste/index.ts';

/** Worth of one unit: of the logarithm of the feature `tower`, of a standard deviation within the list of the others. */
type Weights = { place: number; tower: number; attributes: number; vlm: number };
/**
 * The more the base order knows, the less an opinion moves it. Two towers have taken from people's deeds nearly all that
 * words about their taste say; and how sure they are of an item says more than its place, which is also of what stands
 * above it. What a vision-language model says comes on top of what CLIP sees. A person's own words outweigh any order,
 * for none has learned from them. Chosen on lists that no figure is reported on (bench/rerank.md).
 */
const WEIGHT: Record<'counted' | 'learned' | 'stated', Record<ItemKind, Weights>> = {
  counted: {
    image: { place: 0.33, tower: 0, attributes: 0.33, vlm: 0.66 },
    model: { place: 0.32, tower: 0, attributes: 0.16, vlm: 0.32 },
  },
  learned: {
    image: { place: 1, tower: 1.6, attributes: 0.05, vlm: 0.2 },
    model: { place: 0.5, tower: 2, attributes: 0.05, vlm: 0.1 },
  },
  stated: {
    image: { place: 0.33, tower: 0, attributes: 1, vlm: 1.33 },
    model: { place: 0.33, tower: 0, attributes: 1, vlm: 1.33 },
  },
};
/** What the towers hold all but impossible. */
const LEAST = 1e-6;

/** Scores in base order; undefined where there is none. */
export type Scores = readonly (number | undefined)[];
/** A list in base order, with what its pipeline knew of each item. */
export type BaseList = readonly Pick<Candidate, 'features'>[];

/**
 * Values to order by: what the base order, the towers that made it, and the opinions are worth. Places count by their
 * logarithm, as what is liked gets rarer down a list. An item without a score has the mean one, so that it neither
 * gains nor loses.
 *
 * @param opinions.conviction how much the model's scores say
 */
export function blend(
  opinions: { attributes?: Scores; vlm?: Scores; conviction?: number },
  about: { kind: ItemKind; items: BaseList; describedBy: Describer },
): number[] {
  const { attributes = [], vlm = [], conviction = 0 } = opinions;
  const likely = about.items.map(({ features: { tower } }) =>
    tower === undefined ? undefined : Math.log(Math.max(tower, LEAST)),
  );
  const isLearned = likely.some((one) => one !== undefined);
  const weight =
    WEIGHT[about.describedBy === 'person' ? 'stated' : isLearned ? 'learned' : 'counted'][about.kind];
  const places = standardised(likely.map((_, place) => -Math.log(place + 1)));
  const mean = spreadOf(likely.filter((one) => one !== undefined)).mean;
  const [byLook, byModel] = [standardised(attributes), standardised(vlm)];
  return places.map(
    (place, n) =>
      weight.place * place! +
      weight.tower * (likely[n] === undefined ? 0 : likely[n] - mean) +
      weight.attributes * (byLook[n] ?? 0) +
      weight.vlm * conviction * (byModel[n] ?? 0),
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
