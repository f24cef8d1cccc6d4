import cdf from '@stdlib/stats-base-dists-chisquare-cdf';

/** Below this the split is taken to be broken, and with it every comparison (Fabijan et al., KDD 2019). */
export const SRM_ALPHA = 0.001;

export type SrmCheck = { observed: number[]; expected: number[]; p: number; mismatch: boolean };

/** Pearson's chi-square test of the people seen in each variant against the weights. */
export function sampleRatio(observed: number[], weights: number[]): SrmCheck {
  const total = observed.reduce((sum, count) => sum + count, 0);
  const share = weights.reduce((sum, weight) => sum + weight, 0);
  const expected = weights.map((weight) => (total * weight) / share);
  const statistic = observed.reduce(
    (sum, count, i) => sum + (expected[i]! > 0 ? (count - expected[i]!) ** 2 / expected[i]! : 0),
    0,
  );
  const p = total === 0 ? 1 : 1 - cdf(statistic, observed.length - 1);
  return { observed, expected, p, mismatch: p < SRM_ALPHA };
}
