import { ratio } from './estimate.ts';
import type { Moments } from './moments.ts';
import { normalQuantile, twoSided } from './normal.ts';
import { ENOUGH_PEOPLE, sequenceHalfWidth } from './sequence.ts';

export type Preference = {
  people: number;
  /** Mean over people of what they took from the second less what they took from the first. */
  difference: number;
  se: number;
  p: number;
  fixed: [low: number, high: number];
  sequential: [low: number, high: number];
  enough: boolean;
};

/** @param gains moments of one person's difference as y, with x = 1 */
export function preferenceOf(gains: Moments, alpha: number): Preference {
  const { n, value, variance } = ratio(gains);
  const se = n > 0 ? Math.sqrt(variance / n) : 0;
  const half = normalQuantile(1 - alpha / 2) * se;
  const wide = n > 0 ? sequenceHalfWidth(se, n, alpha) : 0;
  return {
    ...{ people: n, difference: value, se, p: se > 0 ? twoSided(value / se) : 1 },
    fixed: [value - half, value + half],
    sequential: [value - wide, value + wide],
    enough: n >= ENOUGH_PEOPLE,
  };
}
