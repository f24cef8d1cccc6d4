import type { Moments } from './moments.ts';

/** A variant's value of a ratio metric: `variance` is that of one person's contribution, so se² = variance / n. */
export type Estimate = { n: number; value: number; variance: number };

/**
 * Ratio of sums with the person as the unit: linearised, the variance of (y − R·x) / x̄ (delta method;
 * Deng, Knoblich & Lu, KDD 2018). A mean is the case x = 1.
 */
export function ratio({ n, y, x, yy, xx, yx }: Moments): Estimate {
  const value = x === 0 ? 0 : y / x;
  const variance = x === 0 ? 0 : (yy - 2 * value * yx + value ** 2 * xx) / x ** 2;
  return { n, value, variance: Math.max(0, variance) };
}

/** Covariance of a person's linearised contribution with what they did before. */
function covariance({ y, x, yc, xc }: Moments): number {
  return x === 0 ? 0 : (yc - (y / x) * xc) / x;
}

export type Adjusted = {
  estimates: Estimate[];
  /** Share of the variance that the adjustment took away, in [0, 1]. */
  reduction: number;
};

/**
 * CUPED (Deng et al., WSDM 2013): every variant's value less θ times how far its people were from all the
 * people's mean before the experiment. θ is the within-variant slope, the same for all (ANCOVA's), so a
 * difference of values keeps its meaning.
 */
export function adjusted(variants: readonly Moments[]): Adjusted {
  const estimates = variants.map(ratio);
  const total = variants.reduce((sum, { n }) => sum + n, 0);
  const within = (of: (moments: Moments) => number) =>
    variants.reduce((sum, moments) => sum + Math.max(0, moments.n - 1) * of(moments), 0);
  const spread = within(({ cc }) => cc);
  const theta = spread > 0 ? within(covariance) / spread : 0;
  if (theta === 0) return { estimates, reduction: 0 };
  const before = variants.reduce((sum, { n, c }) => sum + n * c, 0) / total;
  const corrected = variants.map((moments, i) => ({
    n: moments.n,
    value: estimates[i]!.value - theta * (moments.c - before),
    variance: Math.max(0, estimates[i]!.variance - 2 * theta * covariance(moments) + theta ** 2 * moments.cc),
  }));
  const [raw, left] = [estimates, corrected].map((all) =>
    all.reduce((sum, { n, variance }) => sum + n * variance, 0),
  ) as [number, number];
  return { estimates: corrected, reduction: raw > 0 ? Math.max(0, 1 - left / raw) : 0 };
}
