import { seededRandom } from '../random.ts';
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
  const random = seededRandom(seed);
  const top = Math.min(options.drawTop, items.length);
  const pool = items.slice(0, top).filter((_, position) => !fixed.has(position));
  const scale = options.drawTemperature * deviation(pool) || 1;
  const logits = pool.map((candidate) => candidate.score / scale);
  const creatorAt = (position: number) => context.columns.creator[items[position]!.item]!;
  const creators = pool.map((candidate) => context.columns.creator[candidate.item]!);

  const cap = new CreatorCap();
  const left = new Set(pool.keys());
  const propensities: number[] = new Array(items.length).fill(1);
  const order = items.slice();
  for (let position = 0; position < top; position++) {
    if (fixed.has(position)) {
      cap.place(creatorAt(position));
      continue;
    }
    // Fixed items ahead count too: they cannot make way.
    const ahead = [...fixed].filter((p) => p > position && p < position + WINDOW && p < top).map(creatorAt);
    const within = [...left].filter((i) => cap.allows(creators[i]!, ahead));
    const { chosen, probability } = softmaxDraw(
      logits,
      within.length > 0 ? within : [...left],
      random.next(),
    );
    propensities[position] = probability;
    order[position] = pool[chosen]!;
    left.delete(chosen);
    cap.place(creators[chosen]!);
  }
  return { order, draw: { seed, temperature: options.drawTemperature, top, propensities } };
}

function deviation(items: Candidate[]): number {
  const mean = items.reduce((sum, item) => sum + item.score, 0) / items.length;
  return Math.sqrt(items.reduce((sum, item) => sum + (item.score - mean) ** 2, 0) / items.length);
}

/** The largest logit is taken off first, else all that is far down would underflow to 0/0. */
function softmaxDraw(logits: number[], among: number[], u: number): { chosen: number; probability: number } {
  let highest = Number.NEGATIVE_INFINITY;
  for (const i of among) highest = Math.max(highest, logits[i]!);
  const weights = among.map((i) => Math.exp(logits[i]! - highest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let place = 0;
  for (let left = u * sum - weights[0]!; left >= 0 && place < among.length - 1; ) left -= weights[++place]!;
  // Rounding may leave the end of the line to an item of no weight; the first of weight stands in.
  if (weights[place] === 0) place = weights.findIndex((weight) => weight > 0);
  return { chosen: among[place]!, probability: weights[place]! / sum };
}
