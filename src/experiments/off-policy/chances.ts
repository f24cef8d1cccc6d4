import { type Drawable, drawPositions, seededRandom } from '../../recommend/index.ts';
import type { LoggedList, Target } from './types.ts';

/** P(place's item at position), at [place × depth + position], fixed items included. */
export type PositionChances = Float64Array;

/**
 * Chances of every item at every position under the law of a draw, caps and all: the mean of the exact
 * chances at each step over simulated beginnings (Rao–Blackwell), by the code that draws in serving.
 */
export function positionChances(list: Drawable, depth: number, draws: number, seed: number): PositionChances {
  const chances = new Float64Array(list.scores.length * depth);
  const random = seededRandom(seed);
  for (let draw = 0; draw < draws; draw++)
    drawPositions(list, depth, random, (position, { within, weights, sum }) => {
      for (let i = 0; i < within.length; i++)
        chances[within[i]! * depth + position]! += weights[i]! / sum / draws;
    });
  for (let position = 0; position < Math.min(depth, list.scores.length); position++)
    if (list.fixed.has(position) || position >= list.top) chances[position * depth + position] = 1;
  return chances;
}

/** The list as the target policy would draw it. */
export function underTarget({ list, sources }: LoggedList, { temperature, boost = {} }: Target): Drawable {
  const factor = (place: number) =>
    (sources[place] ?? []).reduce((product, source) => product * (boost[source] ?? 1), 1);
  return {
    ...list,
    scores: list.scores.map((score, place) => score * factor(place)),
    temperature: temperature ?? list.temperature,
  };
}
