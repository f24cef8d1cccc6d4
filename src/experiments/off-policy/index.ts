import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from '../../db/index.ts';
import { HamletError } from '../../errors.ts';
import { positionChances, underTarget } from './chances.ts';
import { estimateTarget, type OffPolicyReport, type Weighed } from './estimate.ts';
import { readDrawnLists, type Which } from './read.ts';
import type { Target } from './types.ts';

/** Simulated beginnings a list: with exact steps after them, a hundred leave an error far below the clicks'. */
const DRAWS = 100;
/** Positions that are judged: below, hardly anybody clicks and every weight is noise. */
const DEPTH = 10;

/**
 * What another order of the same lists would have been clicked, from the lists that were drawn.
 * @throws HamletError `no-support` (422) when nothing was drawn, or the target shows what the log does not
 */
export async function offPolicyReport(
  db: Database,
  which: Which,
  target: Target,
  progress: (fraction: number) => void = () => {},
): Promise<OffPolicyReport> {
  const lists = await readDrawnLists(db, which);
  if (lists.length === 0)
    throw new HamletError(
      'no-support',
      422,
      'No list of the period was drawn (DRAW_SHARE): 100 % is without support.',
    );
  const weighed: Weighed[] = [];
  for (const [n, logged] of lists.entries()) {
    const drawn = positionChances(logged.list, DEPTH, DRAWS, n);
    const wanted = positionChances(underTarget(logged, target), DEPTH, DRAWS, n);
    weighed.push({ logged, drawn, wanted });
    if (n % 64 === 0) await nextTurn();
    progress((n + 1) / lists.length);
  }
  return estimateTarget(weighed, DEPTH);
}
