import quantile from '@stdlib/stats-base-dists-binomial-quantile';

/** Where a count of `runs` chances at `rate` lies with probability .999. */
export const range = (runs: number, rate: number): [low: number, high: number] => [
  quantile(0.0005, runs, rate),
  quantile(0.9995, runs, rate),
];

export const inRange = (count: number, runs: number, rate: number): boolean => {
  const [low, high] = range(runs, rate);
  return count >= low && count <= high;
};
