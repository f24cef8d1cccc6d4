import cdf from '@stdlib/stats-base-dists-chisquare-cdf';

/** Below this the split is taken to be broken, and with it every comparison (Fabijan et al., KDD 2019). */
export const SRM_ALPHA = 0.001;
/** Expected people in a cell from which Pearson's statistic follows its distribution (Cochran 1954). */
const ENOUGH_EXPECTED = 5;

export type SrmCheck = { observed: number[]; expected: number[]; p: number; mismatch: boolean };
/** People first seen in one stretch of time, by variant; a weight of 0 for what was not in force. */
export type Epoch = { observed: number[]; weights: number[] };

/** Pearson's chi-square test of the people seen in each variant against the weights. */
export const sampleRatio = (observed: number[], weights: number[]): SrmCheck =>
  sampleRatioOver([{ observed, weights }]);

/** The same where variants left one after the other: different people in each stretch, so statistics add up. */
export function sampleRatioOver(epochs: Epoch[]): SrmCheck {
  const sum = (one: number[], other: number[]) => other.map((count, i) => (one[i] ?? 0) + count);
  const parts = epochs.map(against);
  const told = parts.filter(({ expected }) => Math.min(...expected.filter((n) => n > 0)) >= ENOUGH_EXPECTED);
  const [statistic, freedom] = told.reduce(
    ([total, df], part) => [total + part.statistic, df + part.freedom],
    [0, 0],
  );
  const p = freedom === 0 ? 1 : 1 - cdf(statistic, freedom);
  return {
    observed: parts.map(({ observed }) => observed).reduce(sum, []),
    expected: parts.map(({ expected }) => expected).reduce(sum, []),
    ...{ p, mismatch: p < SRM_ALPHA },
  };
}

function against({ observed, weights }: Epoch) {
  const total = observed.reduce((all, count) => all + count, 0);
  const share = weights.reduce((all, weight) => all + weight, 0);
  const expected = weights.map((weight) => (total * weight) / share);
  const statistic = observed.reduce(
    (all, count, i) => all + (expected[i]! > 0 ? (count - expected[i]!) ** 2 / expected[i]! : 0),
    0,
  );
  return { observed, expected, statistic, freedom: weights.filter((weight) => weight > 0).length - 1 };
}
