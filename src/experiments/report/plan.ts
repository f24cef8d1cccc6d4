import { type Database, inTransaction } from '../../db/index.ts';
import { ratio } from '../analysis/estimate.ts';
import { merge, NOBODY } from '../analysis/moments.ts';
import { minimumDetectable, peopleNeeded } from '../analysis/power.ts';
import { metricsOf } from '../metrics.ts';
import type { Experiment } from '../types.ts';
import { measurePeople } from './people.ts';
import { readByDay } from './read.ts';

export type Plan = {
  metric: string;
  /** What the default pipeline shows now, and the spread of one person's contribution to it. */
  baseline: { people: number; days: number; value: number; deviation: number } | null;
  alpha: number;
  power: number;
  /** People of the control and of the smallest variant together, to see `minimumEffect`. */
  peopleNeeded: number | null;
  minimumEffect: number;
  /** Relative effect that so many days of this traffic would show, were every day's people new. */
  minimumDetectable: { days: number; people: number; effect: number }[];
  assumptions: string[];
};

const DAY_MS = 86_400_000;

/** What an experiment could see, from how the default pipeline's lists of the last days fared. */
export function planOf(db: Database, experiment: Experiment, days: number): Promise<Plan> {
  const { definition, coverage } = experiment;
  const { alpha = 0.05, minimumEffect = 0.02, variants } = definition;
  const [primary] = metricsOf(definition);
  const [from, until] = [Date.now() - days * DAY_MS, Date.now()].map((at) => new Date(at).toISOString());
  return inTransaction(db, async (client) => {
    await client.query('set local statement_timeout = 0');
    await measurePeople(client, { labels: ['default'], from: from!, until: until!, definition });
    const rows = await readByDay(client, primary!.metric);
    const moments = rows.reduce((sum, row) => merge(sum, row.moments), NOBODY);
    const { value, variance } = ratio(moments);
    const shares = [variants[0]!.weight, Math.min(...variants.slice(1).map(({ weight }) => weight))] as const;
    const known = moments.n >= 2 && value !== 0;
    return {
      metric: primary!.name,
      baseline: known ? { people: moments.n, days, value, deviation: Math.sqrt(variance) } : null,
      ...{ alpha, power: 0.8, minimumEffect },
      peopleNeeded: known ? peopleNeeded(variance, minimumEffect * Math.abs(value), shares, alpha) : null,
      minimumDetectable: known
        ? [7, 14, 28].map((length) => {
            const seen = (moments.n * coverage * length) / days;
            const people: [number, number] = [seen * shares[0], seen * shares[1]];
            const effect = minimumDetectable(variance, people, alpha) / Math.abs(value);
            return { days: length, people: Math.round(people[0] + people[1]), effect };
          })
        : [],
      assumptions: [
        'Both variants spread as the default pipeline does now.',
        'One look at the end. Looking at any time needs intervals about 1.5 times as wide, hence about 2.3 times the people.',
        ...(definition.targeting?.people ? ['Of everyone’s lists, not only of those it is aimed at.'] : []),
        'CUPED is left out: what it saves is seen only in the experiment.',
      ],
    };
  });
}
