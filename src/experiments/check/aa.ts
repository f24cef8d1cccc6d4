import { seededRandom } from '../../recommend/index.ts';
import { sampleRatio } from '../analysis/srm.ts';
import { bucketOf, bucketRanges, rangeOf } from '../hash.ts';
import { generateLog, type VisitLog } from './log.ts';
import { type Looks, lookAt } from './looks.ts';

export type AaCounts = {
  runs: number;
  fixedFalsePositives: number;
  sequentialFalsePositives: number;
  naiveFalsePositives: number;
  srmAlarms: number;
};
export const LOOKS = 100;
export const ALPHA = 0.05;

const HALVES = bucketRanges([0.5, 0.5], 1);
/** As serving assigns: by the hash of the person's id under the experiment's seed. */
const assign = (people: string[], seed: string, ranges = HALVES): Uint8Array =>
  Uint8Array.from(people, (id) => rangeOf(bucketOf(seed, id), ranges));

/** The same log, its people dealt anew by each run's seed: nothing differs but chance. */
export function rerandomised(log: VisitLog, runs: number, seed: number, progress: Progress): AaCounts {
  return count(runs, progress, (run) => lookAt(log, assign(log.people, `aa-${seed}-${run}`), LOOKS, ALPHA));
}

/** New people in each run. */
export function generated(people: number, runs: number, seed: number, progress: Progress): AaCounts {
  const random = seededRandom(seed);
  return count(runs, progress, (run) => {
    const log = generateLog(people, random);
    return lookAt(log, assign(log.people, `direct-${seed}-${run}`), LOOKS, ALPHA);
  });
}

type Progress = (fraction: number) => void;
function count(runs: number, progress: Progress, look: (run: number) => Looks): AaCounts {
  const counts = {
    fixedFalsePositives: 0,
    sequentialFalsePositives: 0,
    naiveFalsePositives: 0,
    srmAlarms: 0,
  };
  for (let run = 0; run < runs; run++) {
    const { fixed, sequential, naive, srm } = look(run);
    counts.fixedFalsePositives += Number(fixed);
    counts.sequentialFalsePositives += Number(sequential);
    counts.naiveFalsePositives += Number(naive);
    counts.srmAlarms += Number(srm.mismatch);
    progress((run + 1) / runs);
  }
  return { runs, ...counts };
}

/** Of experiments that deal 51 : 49 and are meant to deal evenly, how many are caught. */
export function caughtBugs(experiments: number, people: number, seed: number, progress: Progress): number {
  const ids = Array.from({ length: people }, (_, n) => `user-${n}`);
  const bug = bucketRanges([0.51, 0.49], 1);
  let caught = 0;
  for (let run = 0; run < experiments; run++) {
    const variants = assign(ids, `bug-${seed}-${run}`, bug);
    const second = variants.reduce((sum, variant) => sum + variant, 0);
    caught += Number(sampleRatio([people - second, second], [0.5, 0.5]).mismatch);
    progress((run + 1) / experiments);
  }
  return caught;
}
