import type { Likeness } from './additive.ts';
import type { Answer } from './aggregate.ts';
import { type Hearing, hearingsOf } from './hearing.ts';

/**
 * What a model's scores are like, from the lists it has ranked lately, all of them together: one list of twenty items
 * is too short to tell how much of it was noise. Means, as sums that forget, so that any list can be added to them.
 */
export type Calibration = Record<Moment, Mean>;
/**
 * `slope`: points from the first place of a call to the last. `likeness`: points for a standard deviation of likeness.
 * Variances, in points²: `signal`, of what an item gets in every call; `tilt`, by how much more of it
 * for a standard deviation of likeness; `score`, of a score, noise and all; `calls`, of the levels of calls.
 */
const MOMENTS = ['slope', 'likeness', 'signal', 'tilt', 'score', 'calls'] as const;
type Moment = (typeof MOMENTS)[number];
type Mean = { sum: number; count: number };

/** Lists that are remembered. */
export const RECENT = 300;
/** Of a model nobody has heard yet: as good as five lists, and no more signal in it than an eighth of its noise. */
export const UNHEARD: Calibration = {
  slope: { sum: 0, count: 20 },
  likeness: { sum: 0, count: 200 },
  signal: { sum: 250, count: 500 },
  tilt: { sum: 0, count: 2000 },
  score: { sum: 1000, count: 200 },
  calls: { sum: 5, count: 50 },
};
const LEAST_VARIANCE = 1e-4;
/** Standard deviations in points by which a list's own slope and likeness are expected to differ from the usual. */
const OWN_SLOPE = 0.5;
const OWN_LIKENESS = 0.3;
/** What the usual ones may be off by at first, points² · count. */
const SLOPE_UNSURE = 180;
const LIKENESS_UNSURE = 200;
/** Part of the items' variance that is left to what resembles the taste least. */
const LEAST_OWN = 0.1;
/** Part of the noise that what looks like signal may be by chance. */
const CHANCE = 0.03;

/** What is believed of a list before it is heard: means, and variances in points². */
export type Belief = {
  slope: { mean: number; variance: number };
  likeness: { mean: number; variance: number };
  /** Of what an item is worth beyond its likeness, by the likeness: what does not resemble the taste hardly varies. */
  items: (likeness: number) => number;
  calls: number;
  noise: number;
  /** Standard deviation of what the model would say of a list's items if it did not err. */
  signal: number;
};

export function beliefOf(known: Calibration): Belief {
  const likeness = meanOf(known.likeness);
  const signal = Math.max(meanOf(known.signal), likeness ** 2);
  const noise = Math.max(meanOf(known.score) - signal, LEAST_VARIANCE);
  const own = Math.max(signal - likeness ** 2, LEAST_VARIANCE);
  const steep = steepness(meanOf(known.tilt) / own);
  return {
    slope: { mean: meanOf(known.slope), variance: OWN_SLOPE ** 2 + SLOPE_UNSURE / known.slope.count },
    likeness: { mean: likeness, variance: OWN_LIKENESS ** 2 + LIKENESS_UNSURE / known.likeness.count },
    items: (alike) => own * Math.max((1 + steep * alike) ** 2 / (1 + steep ** 2), LEAST_OWN),
    calls: Math.max(meanOf(known.calls), LEAST_VARIANCE),
    noise,
    signal: Math.sqrt(Math.max(signal + CHANCE * noise, LEAST_VARIANCE)),
  };
}

/**
 * The standard deviation goes with 1 + s · likeness, its square then has the mean 1 + s² and rises by 2s.
 * @param rise of the variance with likeness, in parts of its mean
 */
const steepness = (rise: number): number =>
  rise <= 0 ? 0 : rise >= 1 ? 1 : (1 - Math.sqrt(1 - rise ** 2)) / rise;

export const learnedFrom = (known: Calibration, list: Calibration): Calibration =>
  each((moment) => ({
    sum: known[moment].sum * (1 - 1 / RECENT) + (list[moment]?.sum ?? 0),
    count: known[moment].count * (1 - 1 / RECENT) + (list[moment]?.count ?? 0),
  }));

/** What one list adds: moments, so that what is nought comes out as nought on average, not as what noise left. */
export function lessonOf(answers: readonly Answer[], likeness: Likeness, known: Calibration): Calibration {
  const lesson = each(() => ({ sum: 0, count: 0 }));
  const add = (moment: Moment, sum: number, count: number) => {
    lesson[moment].sum += sum;
    lesson[moment].count += count;
  };
  const belief = beliefOf(known);
  const calls = hearingsOf(answers, likeness, belief.slope.mean);
  for (const { scores, rest } of calls)
    for (const { place, score, likeness: alike, id } of scores) {
      add('slope', place * score, place ** 2);
      add('likeness', alike * rest.get(id)!, alike ** 2);
      add('score', rest.get(id)! ** 2, 1 - 1 / scores.length);
    }
  for (const [n, call] of calls.entries())
    for (const other of calls.slice(n + 1)) compare(call, other, belief, add);
  return lesson;
}

/** Noise is not the same twice: what an item gets in two calls goes together as far as it is signal. */
function compare(
  a: Hearing,
  b: Hearing,
  { signal, noise, likeness }: Belief,
  add: (moment: Moment, sum: number, count: number) => void,
): void {
  const both = [...a.rest.keys()].filter((id) => b.rest.has(id));
  const shares = 1 / a.rest.size + 1 / b.rest.size;
  const overlap = both.length / (a.rest.size * b.rest.size);
  // Each call's own mean is out of its scores, and with it a part of the signal.
  for (const id of both) {
    const [together, left] = [a.rest.get(id)! * b.rest.get(id)!, 1 - shares + overlap];
    const [one, other] = [a.likeness.get(id)!, b.likeness.get(id)!];
    add('signal', together, left);
    add('tilt', one * (together - likeness.mean ** 2 * one * other), one ** 2 * left);
  }
  const byItems = signal ** 2 * (shares - 2 * overlap) + noise * shares;
  add('calls', ((a.level - b.level) ** 2 - byItems) / 2, 1);
}

const meanOf = ({ sum, count }: Mean): number => sum / count;

const each = (make: (moment: Moment) => Mean): Calibration =>
  Object.fromEntries(MOMENTS.map((moment) => [moment, make(moment)])) as Calibration;
