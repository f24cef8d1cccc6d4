import { positionChances, underTarget } from './chances.ts';
import { estimateTarget, type OffPolicyReport } from './estimate.ts';
import type { LoggedList, Target } from './types.ts';

/** Simulated beginnings a list: with exact steps after them, a hundred leave an error far below the clicks'. */
const DRAWS = 100;
/** Positions that are judged: below, hardly anybody clicks and every weight is noise. */
const DEPTH = 10;

/** @throws HamletError `no-support` (422) when the target shows what the log does not */
export function judge(
  lists: LoggedList[],
  target: Target,
  progress: (fraction: number) => void,
): OffPolicyReport {
  const weighed = lists.map((logged, n) => {
    progress(n / lists.length);
    return {
      logged,
      drawn: positionChances(logged.list, DEPTH, DRAWS, n),
      wanted: positionChances(underTarget(logged, target), DEPTH, DRAWS, n),
    };
  });
  return estimateTarget(weighed, DEPTH);
}
