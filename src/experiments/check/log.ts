import type { Random } from '../../recommend/index.ts';
import { binomial, gamma, poisson } from './random.ts';

/** One list in time order: whose it was, its items and the clicks it got. */
export type LoggedVisit = { person: number; positions: number; clicks: number };
export type VisitLog = { people: string[]; before: Float64Array; visits: LoggedVisit[] };

const POSITIONS = 20;
/** Clicks per item of a person of mean keenness. */
const CLICKING = 0.04;

/**
 * People who come, look and come again while they like it. They differ in how much they click and how
 * often they come, and the two go together, which is what makes a ratio's naive error wrong.
 *
 * @param lift by which a person's clicking is multiplied, by person
 */
export function generateLog(
  count: number,
  random: Random,
  lift: (person: number) => number = () => 1,
): VisitLog {
  const visits: (LoggedVisit & { at: number })[] = [];
  const before = new Float64Array(count);
  for (let person = 0; person < count; person++) {
    const keen = gamma(2, 1, random);
    before[person] = poisson(4 * keen, random);
    const rate = Math.min(1, CLICKING * keen * lift(person));
    const lists = 1 + poisson(1 + 2 * keen, random);
    // Arrivals all along, and returns spread over what is left of the time.
    const came = random.next();
    for (let list = 0; list < lists; list++) {
      const at = list === 0 ? came : came + (1 - came) * random.next();
      visits.push({ person, positions: POSITIONS, clicks: binomial(POSITIONS, rate, random), at });
    }
  }
  visits.sort((a, b) => a.at - b.at);
  return { people: Array.from({ length: count }, (_, n) => `user-${n}`), before, visits };
}

/** Clicks per item that are expected: keenness k is Gamma(2) of mean 1, so E[(2 + 2k)·k] / E[2 + 2k] = 5/4. */
export const trueRatio = (lift: number): number => CLICKING * lift * 1.25;
