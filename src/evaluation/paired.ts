import { seededRandom } from '../recommend/index.ts';

const RESAMPLES = 2000;

export type PairedDifference = {
  /** Mean of a − b over users. */
  mean: number;
  /** 95 % percentile interval of it. */
  ci95: [number, number];
  /** Two-sided: how often users who differ by nothing on average would look at least so different. */
  p: number;
};

/**
 * Paired bootstrap over users (Efron 1979; Sakai 2006): both recommenders answered the same people, so people are
 * drawn with replacement and their differences averaged. For p the differences are moved to the mean 0 first.
 * The same seed gives the same answer.
 *
 * @param a one value a user; `b` of the same users in the same order
 * @throws RangeError when they are not of one length, or of nobody
 */
export function pairedDifference(a: Float64Array, b: Float64Array, seed: number): PairedDifference {
  const users = a.length;
  if (users !== b.length || users === 0)
    throw new RangeError(`a pair needs the same users on both sides, not ${users} and ${b.length}`);
  const differences = a.map((value, user) => value - b[user]!);
  const mean = differences.reduce((sum, value) => sum + value, 0) / users;
  const random = seededRandom(seed);
  const means = new Float64Array(RESAMPLES);
  let asFar = 0;
  for (let sample = 0; sample < RESAMPLES; sample++) {
    let sum = 0;
    for (let n = 0; n < users; n++) sum += differences[Math.floor(random.next() * users)]!;
    means[sample] = sum / users;
    // Sums of the same numbers in another order differ in their last digits.
    if (Math.abs(means[sample]! - mean) >= Math.abs(mean) - 1e-12) asFar++;
  }
  means.sort();
  return {
    mean,
    ci95: [means[Math.floor(RESAMPLES * 0.025)]!, means[Math.ceil(RESAMPLES * 0.975) - 1]!],
    // The sample that was seen counts itself: p is never 0.
    p: (asFar + 1) / (RESAMPLES + 1),
  };
}
