import { HamletError } from '../../errors.ts';
import type { Interval } from '../analysis/effect.ts';
import { ratio } from '../analysis/estimate.ts';
import { momentsOf } from '../analysis/moments.ts';
import { normalQuantile } from '../analysis/normal.ts';
import type { PositionChances } from './chances.ts';
import { examination } from './examination.ts';
import { learnReward } from './reward.ts';
import type { LoggedList } from './types.ts';

/** A logged list with the chances of its items under the policy that drew it and under the target. */
export type Weighed = { logged: LoggedList; drawn: PositionChances; wanted: PositionChances };
export type OffPolicyEstimate = { value: number; interval: Interval };
export type OffPolicyReport = {
  lists: number;
  people: number;
  depth: number;
  /** Clicks a first page under the policy that drew the lists. */
  onPolicy: OffPolicyEstimate;
  /** The same under the target: by four estimators of the item–position model. */
  ips: OffPolicyEstimate;
  snips: OffPolicyEstimate;
  doublyRobust: OffPolicyEstimate;
  /** With clicks = examination of the position × liking of the item: pools an item’s positions. */
  examinationIps: OffPolicyEstimate;
  /** Lists that would tell as much, had the target itself drawn them. */
  effectiveLists: number;
  /** Chance that each position is looked at, the first one’s as unit. */
  examination: number[];
  unsupported: number;
};

/** A pair that the target shows so many times as often as the log cannot speak for the target. */
const MOST_WEIGHT = 100;
/** Share of what the target shows that may lie on such pairs. */
const MOST_UNSUPPORTED = 0.01;

/**
 * What a target policy would have been clicked, from lists that another policy drew: weights by the
 * chance of an item at its position (item–position model; Li, Abbasi-Yadkori, Kveton et al., KDD 2018),
 * with the person as the unit of error.
 *
 * @throws HamletError `no-support` (422) with the share, when the log cannot speak for the target
 */
export function estimateTarget(lists: Weighed[], depth: number, alpha = 0.05): OffPolicyReport {
  const attention = examination(lists, depth);
  const unsupported = unsupportedShare(lists, attention, depth);
  if (unsupported > MOST_UNSUPPORTED)
    throw new HamletError(
      'no-support',
      422,
      `${(100 * unsupported).toFixed(1)} % of what the target would show the log (almost) never shows there; at most ${100 * MOST_UNSUPPORTED} % is tolerated.`,
    );
  const reward = learnReward(lists, attention, depth);
  const rows = lists.map((weighed) => {
    const { logged, drawn, wanted } = weighed;
    const row = { clicks: 0, ips: 0, weight: 0, pooled: 0, robust: reward.expected(weighed) };
    const shown = Math.min(depth, logged.served);
    for (let position = 0; position < shown; position++) {
      const click = Number(logged.clicks[position]);
      const pair = position * depth + position;
      const weight = weightOf(wanted[pair]!, drawn[pair]!);
      row.clicks += click;
      row.ips += click * weight;
      row.weight += weight / shown;
      row.pooled += click * pooledWeight(weighed, position, attention, depth);
      row.robust += weight * (click - reward.of(weighed, position, position));
    }
    return { person: logged.person, ...row };
  });
  const by = people(rows);
  const of = (numerator: keyof (typeof rows)[0], denominator?: 'weight') => by(numerator, denominator, alpha);
  const weights = rows.map(({ weight }) => weight);
  return {
    ...{ lists: lists.length, people: new Set(rows.map(({ person }) => person)).size, depth },
    ...{ onPolicy: of('clicks'), ips: of('ips'), snips: of('ips', 'weight') },
    ...{ doublyRobust: of('robust'), examinationIps: of('pooled') },
    ...{ effectiveLists: effectiveSize(weights), examination: attention, unsupported },
  };
}

/** Kish's effective sample size. */
export function effectiveSize(weights: readonly number[]): number {
  const [sum, squares] = weights.reduce(([s, q], weight) => [s + weight, q + weight ** 2], [0, 0]);
  return squares === 0 ? 0 : sum ** 2 / squares;
}

function pooledWeight({ drawn, wanted }: Weighed, place: number, attention: number[], depth: number): number {
  let [up, down] = [0, 0];
  for (let position = 0; position < depth; position++) {
    up += attention[position]! * wanted[place * depth + position]!;
    down += attention[position]! * drawn[place * depth + position]!;
  }
  return weightOf(up, down);
}

/** Where the cap kept an item out in every simulated beginning its chance is small, not nought: it weighs as it is. */
const weightOf = (wanted: number, drawn: number): number => (drawn === 0 ? 1 : wanted / drawn);

function unsupportedShare(lists: Weighed[], attention: number[], depth: number): number {
  let [lost, all] = [0, 0];
  for (const { drawn, wanted } of lists)
    for (let pair = 0; pair < wanted.length; pair++) {
      const mass = attention[pair % depth]! * wanted[pair]!;
      all += mass;
      if (wanted[pair]! > MOST_WEIGHT * drawn[pair]!) lost += mass;
    }
  return all === 0 ? 1 : lost / all;
}

/** Sums by person, then a ratio with the person as the unit. */
function people<R extends { person: string }>(rows: R[]) {
  const place = new Map<string, number>();
  for (const { person } of rows) if (!place.has(person)) place.set(person, place.size);
  return (numerator: keyof R, denominator: keyof R | undefined, alpha: number): OffPolicyEstimate => {
    const [y, x] = [new Float64Array(place.size), new Float64Array(place.size)];
    for (const row of rows) {
      const at = place.get(row.person)!;
      y[at]! += row[numerator] as number;
      x[at]! += denominator === undefined ? 1 : (row[denominator] as number);
    }
    const { value, variance, n } = ratio(momentsOf(y, x, x));
    const half = normalQuantile(1 - alpha / 2) * Math.sqrt(variance / n);
    return { value, interval: [value - half, value + half] };
  };
}
