import type { UserRef } from '../../catalog/types.ts';
import { type Random, seededRandom } from '../random.ts';
import type { Candidate, Context, Selection } from '../types.ts';
import { CreatorCap, WINDOW } from './creator-cap.ts';

export type DrawOptions = {
  /** Share of lists that are drawn, in [0, 1]. */
  drawShare: number;
  /** In units of the standard deviation of the drawn items' scores. */
  drawTemperature: number;
  /** Positions from the top that are permuted. */
  drawTop: number;
};

/**
 * Permutes the top of a list by a Plackett–Luce draw: position after position, an item is drawn with
 * probability proportional to exp(score / (τ·sd)) among those not yet placed that the creator cap
 * allows there. Each position draws afresh: adding Gumbel noise once and sorting would give the same
 * law only without the cap. Positions in `fixed` keep their item.
 *
 * `propensities[i]` = P(item i at position i | the items above), 1 below the top and at fixed positions.
 */
export function drawOrder(
  items: Candidate[],
  fixed: ReadonlySet<number>,
  options: DrawOptions,
  context: Context,
): { order: Candidate[]; draw: NonNullable<Selection['draw']> } {
  const seed = Math.floor(context.random.next() * 2 ** 32);
  const top = Math.min(options.drawTop, items.length);
  const propensities: number[] = new Array(items.length).fill(1);
  const order = items.slice();
  const creators = items.map(({ item }) => context.columns.creator[item]!);
  const scores = items.map(({ score }) => score);
  const list = { scores, creators, fixed, top, temperature: options.drawTemperature };
  drawPositions(list, top, seededRandom(seed), (position, { within, weights, sum }, chosen) => {
    propensities[position] = weights[chosen]! / sum;
    order[position] = items[within[chosen]!]!;
  });
  return { order, draw: { seed, temperature: options.drawTemperature, top, propensities } };
}

/** A list before it is drawn, aligned by position. `fixed` positions keep their item, as do those from `top` on. */
export type Drawable = {
  scores: readonly number[];
  creators: readonly UserRef[];
  fixed: ReadonlySet<number>;
  top: number;
  temperature: number;
};
/** Who may come at a position, by places in the list, each in proportion to its weight. */
export type Chances = { within: number[]; weights: number[]; sum: number };

/** Draws the positions before `depth` one after the other; `at` hears of each that is not fixed. */
export function drawPositions(
  { scores, creators, fixed, top, temperature }: Drawable,
  depth: number,
  random: Random,
  at: (position: number, chances: Chances, chosen: number) => void,
): void {
  const pool = [...scores.keys()].filter((place) => place < top && !fixed.has(place));
  const scale = temperature * deviation(pool.map((place) => scores[place]!)) || 1;
  const cap = new CreatorCap();
  const left = new Set(pool);
  for (let position = 0; position < Math.min(depth, top); position++) {
    if (fixed.has(position)) {
      cap.place(creators[position]!);
      continue;
    }
    // Fixed items ahead count too: they cannot make way.
    const ahead = [...fixed]
      .filter((p) => p > position && p < position + WINDOW && p < top)
      .map((p) => creators[p]!);
    const allowed = [...left].filter((place) => cap.allows(creators[place]!, ahead));
    const within = allowed.length > 0 ? allowed : [...left];
    const chances = chancesOf(within, scores, scale);
    const chosen = pick(chances, random.next());
    at(position, chances, chosen);
    left.delete(within[chosen]!);
    cap.place(creators[within[chosen]!]!);
  }
}

function deviation(values: number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** The largest score is taken off first, else all that is far down would underflow to 0/0. */
function chancesOf(within: number[], scores: readonly number[], scale: number): Chances {
  let highest = Number.NEGATIVE_INFINITY;
  for (const place of within) highest = Math.max(highest, scores[place]!);
  const weights = within.map((place) => Math.exp((scores[place]! - highest) / scale));
  return { within, weights, sum: weights.reduce((total, weight) => total + weight, 0) };
}

function pick({ weights, sum }: Chances, u: number): number {
  let place = 0;
  for (let left = u * sum - weights[0]!; left >= 0 && place < weights.length - 1; ) left -= weights[++place]!;
  // Rounding may leave the end of the line to an item of no weight; the first of weight stands in.
  return weights[place] === 0 ? weights.findIndex((weight) => weight > 0) : place;
}
