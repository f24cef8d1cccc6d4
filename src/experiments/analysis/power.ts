import { normalQuantile } from './normal.ts';

const POWER = 0.8;

/**
 * The difference that a two-sided test at α finds with the given power.
 * @param variance of one person's contribution, in either variant
 */
export function minimumDetectable(
  variance: number,
  people: readonly [control: number, variant: number],
  alpha: number,
  power = POWER,
): number {
  const z = normalQuantile(1 - alpha / 2) + normalQuantile(power);
  return z * Math.sqrt(variance / people[0] + variance / people[1]);
}

/** People needed in both variants together, for shares of the traffic that need not be equal. */
export function peopleNeeded(
  variance: number,
  difference: number,
  shares: readonly [control: number, variant: number],
  alpha: number,
  power = POWER,
): number {
  const z = normalQuantile(1 - alpha / 2) + normalQuantile(power);
  const [a, b] = shares.map((share) => share / (shares[0] + shares[1])) as [number, number];
  return Math.ceil((z / difference) ** 2 * variance * (1 / a + 1 / b));
}
