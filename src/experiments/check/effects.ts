import { type Random, seededRandom } from '../../recommend/index.ts';
import { effectOf } from '../analysis/effect.ts';
import { adjusted, ratio } from '../analysis/estimate.ts';
import { type Moments, momentsOf } from '../analysis/moments.ts';
import { ALPHA } from './aa.ts';
import { generateLog, trueRatio, type VisitLog } from './log.ts';
import { gamma, poisson } from './random.ts';

type Progress = (fraction: number) => void;
const LIFT = 1.1;

export type Coverage = { runs: number; effect: number; plain: number; cuped: number; sequential: number };

/** How many intervals hold a planted effect: a tenth more clicks in one variant. */
export function coverage(people: number, runs: number, seed: number, progress: Progress): Coverage {
  const random = seededRandom(seed);
  const effect = trueRatio(LIFT) - trueRatio(1);
  const held = { plain: 0, cuped: 0, sequential: 0 };
  for (let run = 0; run < runs; run++) {
    const log = generateLog(people, random, (person) => (person % 2 ? LIFT : 1));
    const moments = [0, 1].map((variant) => momentsOfVisits(log, (person) => person % 2 === variant));
    const plain = effectOf(ratio(moments[0]!), ratio(moments[1]!), ALPHA);
    const { estimates } = adjusted(moments);
    const cuped = effectOf(estimates[0]!, estimates[1]!, ALPHA);
    held.plain += Number(holds(plain.fixed.interval, effect));
    held.cuped += Number(holds(cuped.fixed.interval, effect));
    held.sequential += Number(holds(cuped.sequential.interval, effect));
    progress((run + 1) / runs);
  }
  return { runs, effect, ...held };
}

export const holds = ([low, high]: readonly [number, number], value: number): boolean =>
  low <= value && value <= high;

function momentsOfVisits({ visits, before, people }: VisitLog, within: (person: number) => boolean): Moments {
  const [y, x] = [new Float64Array(people.length), new Float64Array(people.length)];
  for (const { person, clicks, positions } of visits) {
    y[person]! += clicks;
    x[person]! += positions;
  }
  const own = (values: Float64Array) => values.filter((_, person) => within(person));
  return momentsOf(own(y), own(x), own(before));
}

export type CupedCheck = { runs: number; measured: number; interval: [number, number]; theory: number };
/** Mean and shape of what people do in either half of their time. */
const MEAN = 4;
const SHAPE = 2;

/**
 * By how much taking history into account shrinks the variance of a difference over many runs, beside
 * theory's ρ² (Deng et al. 2013). Counts of one rate before and after: ρ = var λ / (var λ + mean).
 */
export function cupedReduction(people: number, runs: number, seed: number, progress: Progress): CupedCheck {
  const random = seededRandom(seed);
  const [plain, cuped] = [new Float64Array(runs), new Float64Array(runs)];
  for (let run = 0; run < runs; run++) {
    const moments = [0, 1].map(() => countsBeforeAndAfter(people / 2, random));
    const [a, b] = moments.map(ratio);
    const { estimates } = adjusted(moments);
    plain[run] = (b!.value - a!.value) ** 2;
    cuped[run] = (estimates[1]!.value - estimates[0]!.value) ** 2;
    progress((run + 1) / runs);
  }
  const left = ratio(momentsOf(cuped, plain, plain));
  const half = 3.29 * Math.sqrt(left.variance / runs);
  const variance = MEAN ** 2 / SHAPE;
  return {
    ...{ runs, measured: 1 - left.value, interval: [1 - left.value - half, 1 - left.value + half] },
    theory: (variance / (variance + MEAN)) ** 2,
  };
}

function countsBeforeAndAfter(people: number, random: Random): Moments {
  const [after, before] = [new Float64Array(people), new Float64Array(people)];
  for (let person = 0; person < people; person++) {
    const rate = gamma(SHAPE, MEAN, random);
    before[person] = poisson(rate, random);
    after[person] = poisson(rate, random);
  }
  return momentsOf(after, new Float64Array(people).fill(1), before);
}
