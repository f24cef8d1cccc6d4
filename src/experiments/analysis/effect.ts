import type { Estimate } from './estimate.ts';
import { normalQuantile, twoSided } from './normal.ts';
import { sequenceHalfWidth } from './sequence.ts';

export type Interval = [low: number, high: number];
export type Effect = {
  control: number;
  value: number;
  /** value − control. */
  difference: number;
  se: number;
  /** For one look at a time fixed beforehand. */
  fixed: { interval: Interval; p: number };
  /** For any number of looks at any time. */
  sequential: { interval: Interval; excludesZero: boolean };
  /** difference / control and its fixed interval by the delta method; null when the control is 0. */
  relative: { value: number; interval: Interval } | null;
};

/** How a variant differs from the control. Both must have people. */
export function effectOf(control: Estimate, variant: Estimate, alpha: number): Effect {
  const difference = variant.value - control.value;
  const se = Math.sqrt(control.variance / control.n + variant.variance / variant.n);
  const z = normalQuantile(1 - alpha / 2);
  const half = sequenceHalfWidth(se, control.n + variant.n, alpha);
  const around = (centre: number, width: number): Interval => [centre - width, centre + width];
  const sequential = around(difference, half);
  return {
    ...{ control: control.value, value: variant.value, difference, se },
    // Without any spread there is nothing to doubt and nothing to learn: equal is equal.
    fixed: { interval: around(difference, z * se), p: se > 0 ? twoSided(difference / se) : 1 },
    sequential: { interval: sequential, excludesZero: se > 0 && (sequential[0] > 0 || sequential[1] < 0) },
    relative: relativeOf(control, variant, z),
  };
}

function relativeOf(control: Estimate, variant: Estimate, z: number): Effect['relative'] {
  if (control.value === 0) return null;
  const value = (variant.value - control.value) / control.value;
  const se = Math.sqrt(
    variant.variance / variant.n / control.value ** 2 +
      ((control.variance / control.n) * variant.value ** 2) / control.value ** 4,
  );
  return { value, interval: [value - z * se, value + z * se] };
}
