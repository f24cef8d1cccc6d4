import { createHash } from 'node:crypto';
import { type Random, seededRandom, shuffled } from '../recommend/random.ts';

/** One question to the model: which items, in the order it sees them. */
export type Call = {
  /** Which of the orders it belongs to, from 0. */
  order: number;
  items: string[];
  /** Those of `items` that stand in every call of the list. */
  anchors: string[];
};

export type PlanOptions = {
  orders: number;
  /** Items in a call at most, anchors among them. */
  batchSize: number;
  /** Items that every call holds, so that its scores can be compared with another call's. */
  anchors: number;
  seed: number;
};

/**
 * Several seeded orders of a list, each cut into batches anew. The plan depends on the set of ids and not on
 * the order they come in: whoever hands the list over backwards gets the same calls.
 *
 * The orders are random and balanced: over all of them an item stands about as often early as late, so that what
 * a place adds to a score cancels as far as it can before anything is estimated.
 */
export function planCalls(ids: readonly string[], options: PlanOptions): Call[] {
  const { orders, batchSize, seed } = options;
  const random = seededRandom(seedOf(ids, seed));
  const items = shuffled([...new Set(ids)].sort(), random);
  if (items.length === 0) return [];
  if (batchSize < 2) throw new RangeError('a batch holds two items at least');
  const isOne = items.length <= batchSize;
  const anchors = isOne ? [] : items.slice(0, Math.min(options.anchors, batchSize - 1));
  const others = items.slice(anchors.length);
  const batches = isOne ? 1 : Math.ceil(others.length / (batchSize - anchors.length));
  return Array.from({ length: orders }, (_, order) => {
    const inTurn = inStrata(others, order, orders, random);
    return Array.from({ length: batches }, (_, batch) => {
      const own = inTurn.filter((_, place) => place % batches === batch);
      return { order, items: scattered(own, anchors, random), anchors };
    });
  }).flat();
}

/** The items in as many parts as there are orders; each part comes first in one order, second in the next, … */
function inStrata(items: string[], order: number, orders: number, random: Random): string[] {
  const part = (place: number) => (Math.floor((place * orders) / items.length) + order) % orders;
  return Array.from({ length: orders }, (_, stratum) =>
    shuffled(
      items.filter((_, place) => part(place) === stratum),
      random,
    ),
  ).flat();
}

/** Anchors at places drawn anew for each call, the others in their order. */
function scattered(items: string[], anchors: string[], random: Random): string[] {
  const mixed = [...items];
  for (const anchor of anchors) mixed.splice(Math.floor(random.next() * (mixed.length + 1)), 0, anchor);
  return mixed;
}

function seedOf(ids: readonly string[], seed: number): number {
  const text = JSON.stringify([seed, [...new Set(ids)].sort()]);
  return createHash('sha256').update(text).digest().readUInt32LE(0);
}
