import type { ItemKind } from '../catalog/types.ts';
import type { Candidate } from '../recommend/types.ts';
import type { Describer } from '../taste/index.ts';

/** Worth of one standard deviation within the list. */
type Weights = { place: number; attributes: number; vlm: number };
/**
 * The more the base order knows, the less an opinion moves it. Two towers have taken from people's deeds nearly all that
 * words about their taste say: beside them a model that is sure of itself moves pictures by a few places, what CLIP sees
 * is in its opinion already, and of LoRA models not even a judge without fault knows better. A person's own words
 * outweigh any order, for none has learned from them. Chosen on lists that no figure is reported on (bench/rerank.md).
 */
const WEIGHT: Record<'counted' | 'learned' | 'stated', Record<ItemKind, Weights>> = {
  counted: {
    image: { place: 0.33, attributes: 0.33, vlm: 0.66 },
    model: { place: 0.32, attributes: 0.16, vlm: 0.32 },
  },
  learned: {
    image: { place: 1, attributes: 0, vlm: 0.2 },
    model: { place: 1, attributes: 0, vlm: 0 },
  },
  stated: {
    image: { place: 0.33, attributes: 1, vlm: 1.33 },
    model: { place: 0.33, attributes: 1, vlm: 1.33 },
  },
};

/** A list, and whose words describe the taste that it is held against. */
type About = { kind: ItemKind; items: BaseList; describedBy: Describer };

const weightsFor = ({ kind, items, describedBy }: About): Weights => {
  const isLearned = items.some(({ features }) => features.tower !== undefined);
  return WEIGHT[describedBy === 'person' ? 'stated' : isLearned ? 'learned' : 'counted'][kind];
};

/** Whether the opinion of such a ranker has any weight in such a list; where it has none the base order stands. */
export const hasWeight = (ranker: 'attributes' | 'vlm', about: About): boolean =>
  weightsFor(about)[ranker] > 0;

/** Scores in base order; undefined where there is none. */
export type Scores = readonly (number | undefined)[];
/** A list in base order, with what its pipeline knew of each item. */
export type BaseList = readonly Pick<Candidate, 'features'>[];

/**
 * Values to order by: what the base order and the opinions on top of it are worth. Without an opinion, or with one that
 * says nothing, the base order stands. Places count by their logarithm, as what is liked gets rarer down a list. An item
 * without a score has the mean one, so that it neither gains nor loses.
 *
 * @param opinions.conviction how much the model's scores say
 */
export function blend(
  opinions: { attributes?: Scores; vlm?: Scores; conviction?: number },
  about: About,
): number[] {
  const { attributes = [], vlm = [], conviction = 0 } = opinions;
  const weight = weightsFor(about);
  const places = standardised(about.items.map((_, place) => -Math.log(place + 1)));
  const [byLook, byModel] = [standardised(attributes), standardised(vlm)];
  return places.map(
    (place, n) =>
      weight.place * place! +
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
