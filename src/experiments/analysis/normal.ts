import cdf from '@stdlib/stats-base-dists-normal-cdf';
import quantile from '@stdlib/stats-base-dists-normal-quantile';

/** P(|Z| ≥ |z|) of a standard normal Z. */
export const twoSided = (z: number): number => Math.min(1, 2 * cdf(-Math.abs(z), 0, 1));
/** The z with P(Z ≤ z) = p. */
export const normalQuantile = (p: number): number => quantile(p, 0, 1);
