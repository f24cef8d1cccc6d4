import { seededRandom } from '../../recommend/index.ts';
import { SRM_ALPHA } from '../analysis/srm.ts';
import { type AaCounts, caughtBugs, generated, rerandomised } from './aa.ts';
import { type Coverage, type CupedCheck, coverage, cupedReduction } from './effects.ts';
import { type InterleavingCheck, interleavingCheck } from './interleaving.ts';
import { generateLog } from './log.ts';
import { type OffPolicyCheck, offPolicyCheck } from './off-policy.ts';
import { inRange, range } from './range.ts';

export type CheckReport = {
  seed: number;
  about: string[];
  aa: AaCounts;
  aaDirect: AaCounts;
  srmCaught: number;
  srmBugs: number;
  coverage: Coverage;
  cuped: CupedCheck;
  interleaving: InterleavingCheck;
  offPolicy: OffPolicyCheck;
  /** Each claim, what it allows and what was found. */
  claims: Claim[];
  passed: boolean;
  seconds: number;
};
export type Claim = { claim: string; allowed: string; found: number; holds: boolean };

const PEOPLE = {
  log: 5000,
  direct: 2000,
  bugs: 100_000,
  effects: 2000,
  cuped: 1000,
  interleaving: 300,
  offPolicy: 1000,
};
const BUGS_A_RUN = 0.1;
const INTERLEAVING_A_RUN = 0.2;

/** Runs the harness over what is planted, and counts how often it tells the truth. */
export function checkHarness(
  { runs, seed }: { runs: number; seed: number },
  progress: (fraction: number, note: string) => void = () => {},
): CheckReport {
  const began = performance.now();
  const step = (n: number, note: string) => (fraction: number) => progress((n + fraction) / 7, note);
  const log = generateLog(PEOPLE.log, seededRandom(seed));
  const bugs = Math.ceil(BUGS_A_RUN * runs);
  const found = {
    aa: rerandomised(log, runs, seed, step(0, 'A/A, one log dealt anew')),
    aaDirect: generated(PEOPLE.direct, runs, seed, step(1, 'A/A, new people')),
    srmCaught: caughtBugs(bugs, PEOPLE.bugs, seed, step(2, 'broken splits')),
    coverage: coverage(PEOPLE.effects, runs, seed, step(3, 'planted effects')),
    cuped: cupedReduction(PEOPLE.cuped, runs, seed, step(4, 'CUPED')),
    interleaving: interleavingCheck(
      ...([
        PEOPLE.interleaving,
        Math.ceil(INTERLEAVING_A_RUN * runs),
        seed,
        step(5, 'interleaving'),
      ] as const),
    ),
    offPolicy: offPolicyCheck(PEOPLE.offPolicy, runs, seed, step(6, 'off-policy')),
  };
  const claims = claimsOn(found, bugs);
  return {
    seed,
    about: [
      `aa: one generated log of ${PEOPLE.log} people and ${log.visits.length} lists, its people dealt anew in each run by the hash that serving uses; conditional on that log, runs differ by the deal alone.`,
      `aaDirect: ${PEOPLE.direct} new people in each run.`,
      'Sequential and naive: 100 looks, evenly over the lists, from 100 people a variant on. False positives of the naive reader at the same looks are printed beside.',
      'Ranges are the 99.9 % of a binomial at the nominal rate.',
    ],
    ...found,
    srmBugs: bugs,
    claims,
    passed: claims.every(({ holds }) => holds),
    seconds: Math.round((performance.now() - began) / 100) / 10,
  };
}

function claimsOn(
  found: Pick<
    CheckReport,
    'aa' | 'aaDirect' | 'srmCaught' | 'coverage' | 'cuped' | 'interleaving' | 'offPolicy'
  >,
  bugs: number,
): Claim[] {
  const { runs } = found.aa;
  const atRate = (claim: string, count: number, of: number, rate: number): Claim => ({
    ...{ claim, allowed: range(of, rate).join('–'), found: count, holds: inRange(count, of, rate) },
  });
  const atMost = (claim: string, count: number, most: number): Claim => ({
    ...{ claim, allowed: `≤ ${most}`, found: count, holds: count <= most },
  });
  const atLeast = (claim: string, count: number, least: number): Claim => ({
    ...{ claim, allowed: `≥ ${least}`, found: count, holds: count >= least },
  });
  const { coverage: held, cuped, interleaving, offPolicy } = found;
  return [
    ...([found.aa, found.aaDirect] as const).flatMap((counts, i) => [
      atRate(
        `${i === 0 ? 'one log' : 'new people'}: false positives at one look`,
        counts.fixedFalsePositives,
        runs,
        0.05,
      ),
      atMost(
        `${i === 0 ? 'one log' : 'new people'}: false positives at any of 100 looks`,
        counts.sequentialFalsePositives,
        Math.max(2, 0.05 * runs),
      ),
      atMost(
        `${i === 0 ? 'one log' : 'new people'}: alarms on sound splits`,
        counts.srmAlarms,
        // Five in a thousand is what is asked; of fewer runs chance alone may take more.
        runs < 1000 ? range(runs, SRM_ALPHA)[1] : 0.005 * runs,
      ),
    ]),
    atLeast('51 : 49 bugs caught', found.srmCaught, Math.floor(0.99 * bugs)),
    atRate('plain intervals hold the effect', held.plain, runs, 0.95),
    atRate('CUPED intervals hold the effect', held.cuped, runs, 0.95),
    atLeast('always-valid intervals hold the effect', held.sequential, range(runs, 0.95)[0]),
    {
      ...{
        claim: 'CUPED reduces variance as theory says',
        allowed: cuped.interval.map((edge) => edge.toFixed(3)).join('–'),
      },
      ...{
        found: cuped.theory,
        holds: cuped.interval[0] <= cuped.theory && cuped.theory <= cuped.interval[1],
      },
    },
    atLeast(
      'interleaving prefers the better ranker',
      interleaving.right,
      Math.ceil(0.95 * interleaving.runs),
    ),
    ...Object.entries(offPolicy.covered).map(([name, count]) =>
      atRate(`off-policy ${name} holds the target’s mean`, count, offPolicy.runs, 0.95),
    ),
  ];
}
