import type { Random } from '../../recommend/index.ts';

/** Draws that the generators need, from a seeded source of uniforms. */
export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** Knuth's product method: means here are small. */
export function poisson(mean: number, random: Random): number {
  const floor = Math.exp(-mean);
  let count = 0;
  for (let product = random.next(); product > floor; product *= random.next()) count++;
  return count;
}

/** Gamma with a whole shape: a sum of exponentials. */
export function gamma(shape: number, mean: number, random: Random): number {
  let sum = 0;
  for (let k = 0; k < shape; k++) sum -= Math.log(1 - random.next());
  return (sum * mean) / shape;
}

export function binomial(n: number, p: number, random: Random): number {
  let count = 0;
  for (let k = 0; k < n; k++) if (random.next() < p) count++;
  return count;
}
