import { invertSymmetric, tiled } from '../models/index.ts';
import type { Answer } from './aggregate.ts';
import { standardised } from './blend.ts';

/**
 * What a score is made of: score = level + slope · (place − ½) + weight · likeness + item + call + noise, the place
 * from 0 (first) to 1 (last). Items and calls are random effects (Henderson 1975), so that an item with few scores and
 * a call with few items are believed less, and a model that contradicts itself in every order ends with items that
 * differ by nothing. The effect of the place comes out of the random orders themselves. Likeness is what is known of
 * an item without the model; it counts as far as it foretells the model's own scores in this very list.
 */
export type AdditiveFit = {
  /** By id: what the item would score at the middle place of a usual call. */
  items: Map<string, number>;
  /** Points from the first place to the last; negative where early items are favoured. */
  slope: number;
  /** Standard deviations: of what items differ by, of calls, and of one score around all that. */
  spread: { items: number; calls: number; noise: number };
  /** Share, 0…1, of what the items' mean scores differ by that is the items and not noise. */
  reliability: number;
};

/** By item; standardised within the list, nothing for what is not known. */
export type Likeness = ReadonlyMap<string, number | undefined>;

/** Of Harville's iteration (1977), which reaches a variance of nought as fast as any other; EM would creep. */
const ROUNDS = 15;
const START = { items: 2, calls: 0.5, noise: 2 };
const LEAST_VARIANCE = 1e-4;

/**
 * Level, slope and weight stand before the items, the items before the calls. The weight is expected within a point
 * for a standard deviation of likeness, so that chance alone gives it little.
 */
const LIKENESS = 2;
const FIXED = 3;
const UNPENALISED = 1e-6;

type Score = { item: number; call: number; place: number; likeness: number; score: number };
type Equations = { size: number; side: number; cross: Float64Array; target: Float64Array };

export function fitAdditive(answers: readonly Answer[], likeness: Likeness = new Map()): AdditiveFit {
  const ids = [...new Set(answers.flatMap(({ scores }) => [...scores.keys()]))];
  const known = standardised(ids.map((id) => likeness.get(id)));
  const scores = scoresOf(answers, ids, known);
  const calls = FIXED + ids.length;
  const equations = equationsOf(scores, calls, calls + answers.length);
  let variance = START;
  let effects: Float64Array = new Float64Array();
  for (let round = 0; round < ROUNDS; round++) {
    const ridge = { items: variance.noise / variance.items, calls: variance.noise / variance.calls };
    const covariance = covarianceOf(equations, (n) =>
      n < LIKENESS ? UNPENALISED : n === LIKENESS ? variance.noise : n < calls ? ridge.items : ridge.calls,
    );
    effects = solve(equations, covariance);
    variance = {
      items: varianceOf(effects, covariance, equations.side, [FIXED, calls], ridge.items),
      calls: varianceOf(effects, covariance, equations.side, [calls, equations.size], ridge.calls),
      noise: noiseOf(scores, (score) => expected(effects, score, calls)),
    };
  }
  return {
    items: new Map(
      ids.map((id, item) => [
        id,
        effects[0]! + effects[LIKENESS]! * (known[item] ?? 0) + effects[FIXED + item]!,
      ]),
    ),
    slope: effects[1]!,
    spread: {
      items: Math.sqrt(variance.items),
      calls: Math.sqrt(variance.calls),
      noise: Math.sqrt(variance.noise),
    },
    reliability: reliabilityOf(variance, effects[LIKENESS]!, scores.length / Math.max(1, ids.length)),
  };
}

/** Spearman and Brown's, of `count` scores an item. */
function reliabilityOf(variance: typeof START, weight: number, count: number): number {
  const signal = variance.items + weight ** 2;
  return signal / (signal + variance.noise / count);
}

function scoresOf(
  answers: readonly Answer[],
  ids: string[],
  likeness: readonly (number | undefined)[],
): Score[] {
  const numbers = new Map(ids.map((id, item) => [id, item]));
  return answers.flatMap(({ call: { items }, scores }, call) =>
    items.flatMap((id, at) => {
      const score = scores.get(id);
      const place = items.length === 1 ? 0 : at / (items.length - 1) - 0.5;
      const item = numbers.get(id)!;
      return score === undefined ? [] : [{ item, call, place, likeness: likeness[item] ?? 0, score }];
    }),
  );
}

/** @param calls the first effect of a call */
function equationsOf(scores: Score[], calls: number, size: number): Equations {
  const side = tiled(size);
  const cross = new Float64Array(side * side);
  const target = new Float64Array(size);
  for (let n = size; n < side; n++) cross[n * side + n] = 1;
  for (const { item, call, place, likeness, score } of scores) {
    const entries: [effect: number, value: number][] = [
      [0, 1],
      [1, place],
      [LIKENESS, likeness],
      [FIXED + item, 1],
      [calls + call, 1],
    ];
    for (const [n, value] of entries) {
      target[n]! += value * score;
      for (const [m, other] of entries) cross[n * side + m]! += value * other;
    }
  }
  return { size, side, cross, target };
}

/** In units of the noise; only the lower triangle is there. */
function covarianceOf({ size, side, cross }: Equations, ridge: (effect: number) => number): Float64Array {
  const covariance = Float64Array.from(cross);
  for (let n = 0; n < size; n++) covariance[n * side + n]! += ridge(n);
  invertSymmetric(covariance, side);
  return covariance;
}

function solve({ size, side, target }: Equations, covariance: Float64Array): Float64Array {
  return Float64Array.from({ length: size }, (_, n) =>
    target.reduce((sum, value, m) => sum + value * covariance[Math.max(n, m) * side + Math.min(n, m)]!, 0),
  );
}

/** Squares of the effects over the number of them that the scores determine. */
function varianceOf(
  effects: Float64Array,
  covariance: Float64Array,
  side: number,
  [from, to]: [number, number],
  ridge: number,
): number {
  let [squares, determined] = [0, to - from];
  for (let n = from; n < to; n++) {
    squares += effects[n]! ** 2;
    determined -= ridge * covariance[n * side + n]!;
  }
  return Math.max(LEAST_VARIANCE, squares / Math.max(1e-9, determined));
}

/** Scores times what is left of them (Henderson). */
function noiseOf(scores: Score[], expectedOf: (score: Score) => number): number {
  const sum = scores.reduce((all, score) => all + score.score * (score.score - expectedOf(score)), 0);
  return Math.max(LEAST_VARIANCE, sum / Math.max(1, scores.length - FIXED));
}

const expected = (effects: Float64Array, { item, call, place, likeness }: Score, calls: number): number =>
  effects[0]! +
  effects[1]! * place +
  effects[LIKENESS]! * likeness +
  effects[FIXED + item]! +
  effects[calls + call]!;
