import type { Weighed } from './estimate.ts';

/**
 * How often each position is looked at, the first one's as unit, from drawn lists: clicks at a position,
 * weighed so that the items there are those of every other position (Joachims, Swaminathan & Schnabel,
 * WSDM 2017: propensities by intervention). A click is an item's liking times this.
 */
export function examination(lists: Pick<Weighed, 'logged' | 'drawn'>[], depth: number): number[] {
  const clicks = new Float64Array(depth);
  const weights = new Float64Array(depth);
  for (const { logged, drawn } of lists)
    for (let position = 0; position < Math.min(depth, logged.served); position++) {
      if (logged.list.fixed.has(position)) continue;
      const chances = drawn.subarray(position * depth, (position + 1) * depth);
      const anywhere = chances.reduce((sum, chance) => sum + chance, 0) / depth;
      if (chances[position] === 0) continue;
      const weight = anywhere / chances[position]!;
      weights[position]! += weight;
      clicks[position]! += weight * Number(logged.clicks[position]);
    }
  const rates = Array.from(clicks, (count, position) =>
    weights[position] === 0 ? 0 : count / weights[position]!,
  );
  const unit = rates[0] || Math.max(...rates) || 1;
  // A position that was never clicked may still be looked at: as a tenth of one click would say.
  return rates.map((rate, position) => Math.max(rate, 0.1 / Math.max(1, weights[position]!)) / unit);
}
