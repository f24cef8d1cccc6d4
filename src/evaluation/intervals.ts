import { seededRandom } from '../recommend/index.ts';

const RESAMPLES = 1000;

/**
 * 95 % percentile bootstrap interval (Efron 1979) of each metric's mean: users are drawn with replacement,
 * the same users for every metric.
 *
 * @param perUser arrays of one value a user, all of one length.
 */
export function bootstrap<K extends string>(
  perUser: Record<K, Float64Array>,
  seed: number,
): Record<K, [number, number]> {
  const names = Object.keys(perUser) as K[];
  const users = perUser[names[0]!].length;
  const random = seededRandom(seed);
  const means = names.map(() => new Float64Array(RESAMPLES));
  const values = names.map((name) => perUser[name]);
  const sums = new Float64Array(names.length);
  for (let sample = 0; sample < RESAMPLES; sample++) {
    sums.fill(0);
    for (let n = 0; n < users; n++) {
      const user = Math.floor(random.next() * users);
      for (let m = 0; m < names.length; m++) sums[m]! += values[m]![user]!;
    }
    for (let m = 0; m < names.length; m++) means[m]![sample] = sums[m]! / users;
  }
  const bounds = means.map((sample): [number, number] => {
    sample.sort();
    return [sample[Math.floor(RESAMPLES * 0.025)]!, sample[Math.ceil(RESAMPLES * 0.975) - 1]!];
  });
  return Object.fromEntries(names.map((name, m) => [name, bounds[m]!])) as Record<K, [number, number]>;
}
