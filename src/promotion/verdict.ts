/** What a candidate did beside what was in force, told with the artifact (`metrics.verdict`). */
export type Verdict = {
  outcome: 'promoted' | 'refused';
  /** A sentence with the figures. */
  reason: string;
  /** ISO 8601. */
  judgedAt: string;
  against: string;
  comparison?: Comparison;
};
/** Means over the same people; `difference` is challenger − champion with its 95 % interval (paired bootstrap). */
export type Comparison = {
  metric: string;
  challenger: number;
  champion: number;
  difference: number;
  ci95: [number, number];
  people: number;
};
export type Judged = { against: string } & ({ comparison: Comparison } | { lacking: string });

/** Fewer people tell nothing: their interval is as wide as any difference. */
export const FEWEST_PEOPLE = 20;

/**
 * A challenger has to be better beyond doubt: the lower bound of the difference is above 0. With a margin it need
 * only not be worse by more than that.
 */
export function verdictOn(judged: Judged, margin: number): Verdict {
  const judgedAt = new Date().toISOString();
  const { against } = judged;
  if ('lacking' in judged) return { outcome: 'refused', reason: judged.lacking, judgedAt, against };
  const { comparison } = judged;
  const { metric, challenger, champion, ci95, people } = comparison;
  const figures =
    `${metric} ${told(challenger)} against ${told(champion)} of ${against}, ` +
    `difference ${told(comparison.difference)} [${ci95.map(told).join(', ')}] over ${people} people`;
  const tell = (outcome: Verdict['outcome'], why: string): Verdict => ({
    ...{ outcome, reason: `${why}: ${figures}`, judgedAt, against, comparison },
  });
  if (people < FEWEST_PEOPLE) return tell('refused', `fewer than ${FEWEST_PEOPLE} people to judge by`);
  if (ci95[0] > 0) return tell('promoted', 'it is better');
  if (margin > 0 && ci95[0] >= -margin) return tell('promoted', `it is not worse by ${margin}`);
  return tell('refused', ci95[1] < 0 ? 'it is worse' : 'it is not better beyond doubt');
}

const told = (value: number): string => value.toFixed(4);
