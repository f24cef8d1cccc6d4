import { effectOf } from '../analysis/effect.ts';
import { adjusted } from '../analysis/estimate.ts';
import { ENOUGH_PEOPLE } from '../analysis/sequence.ts';
import { type SrmCheck, sampleRatio } from '../analysis/srm.ts';
import type { VisitLog } from './log.ts';
import { RunningMoments } from './running.ts';

export type Looks = {
  /** At the end, by the interval that is meant for one look. */
  fixed: boolean;
  /** At any look, by the always-valid interval. */
  sequential: boolean;
  /** At any look, by the interval that is meant for one look. */
  naive: boolean;
  srm: SrmCheck;
};

/**
 * One experiment over a log, looked at `looks` times, evenly over its lists: did anything show a
 * difference? What reports do, step by step.
 *
 * @param variants 0 or 1 by person
 */
export function lookAt(log: VisitLog, variants: Uint8Array, looks: number, alpha: number): Looks {
  const moments = [new RunningMoments(), new RunningMoments()] as const;
  const [y, x] = [new Float64Array(log.people.length), new Float64Array(log.people.length)];
  const seen = [0, 0];
  const found = { fixed: false, sequential: false, naive: false };
  const every = log.visits.length / looks;
  let nextLook = every;
  log.visits.forEach(({ person, positions, clicks }, n) => {
    const variant = variants[person]!;
    if (x[person] === 0) {
      moments[variant]!.enter(log.before[person]!);
      seen[variant]!++;
    }
    moments[variant]!.add(y[person]!, x[person]!, log.before[person]!, clicks, positions);
    y[person]! += clicks;
    x[person]! += positions;
    if (n + 1 < nextLook - 1e-9) return;
    nextLook += every;
    if (Math.min(...seen) < ENOUGH_PEOPLE) return;
    const { estimates } = adjusted(moments.map((one) => one.now()));
    const effect = effectOf(estimates[0]!, estimates[1]!, alpha);
    found.fixed = effect.fixed.p < alpha;
    found.naive ||= found.fixed;
    found.sequential ||= effect.sequential.excludesZero;
  });
  return { ...found, srm: sampleRatio(seen, [0.5, 0.5]) };
}
