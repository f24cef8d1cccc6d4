/**
 * Asymptotic confidence sequences (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, Annals of Statistics
 * 2024, theorem 2.2): wide enough that the truth stays inside at every look at once, with probability
 * 1 − α, however often and whenever one looks. The price is a factor on the usual half-width, least
 * (about 1.5 at α = .05) near the number of people that ρ is tuned for.
 */
const TUNED_FOR = 5000;

/** People in a variant below which a normal approximation is not to be trusted. */
export const ENOUGH_PEOPLE = 100;

/**
 * @param se standard error of the effect now
 * @param n people in both variants
 */
export function sequenceHalfWidth(se: number, n: number, alpha: number): number {
  const rho2 = (-2 * Math.log(alpha) + Math.log(-2 * Math.log(alpha) + 1)) / TUNED_FOR;
  const nr = n * rho2;
  return se * Math.sqrt(((2 * (nr + 1)) / nr) * Math.log(Math.sqrt(nr + 1) / alpha));
}
