import { type Random, seededRandom } from '../src/recommend/random.ts';

/** Draws from one seeded generator; the same seed repeats them all. */
export type Draw = {
  /** In [low, high). */
  between(low: number, high: number): number;
  /** Whole, from low to high, both possible. */
  whole(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Index drawn in proportion to the weights. */
  weighted(weights: readonly number[]): number;
  /** Mean 0, deviation 1. */
  normal(): number;
  shuffled<T>(list: readonly T[]): T[];
};

export function drawFrom(seed: number): Draw {
  const random: Random = seededRandom(seed);
  // Neighbouring seeds must not begin alike.
  for (let i = 0; i < 4; i++) random.next();
  const between = (low: number, high: number) => low + random.next() * (high - low);
  const draw: Draw = {
    between,
    whole: (low, high) => Math.floor(between(low, high + 1)),
    chance: (probability) => random.next() < probability,
    pick: (list) => list[Math.floor(random.next() * list.length)]!,
    weighted(weights) {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      let left = random.next() * total;
      for (let i = 0; i < weights.length; i++) {
        left -= weights[i]!;
        if (left < 0) return i;
      }
      return weights.length - 1;
    },
    normal: () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next()),
    shuffled(list) {
      const order = [...list];
      for (let i = order.length - 1; i > 0; i--) {
        const j = Math.floor(random.next() * (i + 1));
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      return order;
    },
  };
  return draw;
}

/** A seed that depends on every word. */
export function seedFrom(...words: (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const char of words.join('|')) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193) >>> 0;
  return hash;
}
