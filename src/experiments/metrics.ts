import { badInput } from '../errors.ts';
import type { Count, Definition, Metric } from './types.ts';

const LIKES: Count['types'] = ['like', 'heart', 'laugh', 'cry'];
const per = (
  numerator: Count,
  denominator: Count['count'],
  better: Metric['better'],
  about: string,
): Metric => ({
  numerator,
  denominator: { count: denominator },
  better,
  about,
});

/** What every experiment can measure, as data: a sum over a person's lists over another sum. */
export const METRICS: Record<string, Metric> = {
  ctr: per({ count: 'events', types: ['click'] }, 'positions', 'higher', 'Clicks per item on a first page.'),
  'like-rate': per(
    { count: 'events', types: LIKES },
    'positions',
    'higher',
    'Likes, hearts, laughs and cries per item.',
  ),
  'generation-rate': per(
    { count: 'events', types: ['generate'] },
    'lists',
    'higher',
    'Generations per list.',
  ),
  saves: per({ count: 'events', types: ['download'] }, 'users', 'higher', 'Downloads per person.'),
  sessions: per({ count: 'sessions' }, 'users', 'higher', 'Sessions per person.'),
  'time-to-first-like': per(
    { count: 'hoursToLike' },
    'users',
    'lower',
    'Hours from the first list to the first like; whoever likes nothing counts with the whole window.',
  ),
  'hide-rate': per(
    { count: 'events', types: ['hide', 'dislike'] },
    'positions',
    'lower',
    'Hides and dislikes per item.',
  ),
  diversity: per({ count: 'diversity' }, 'lists', 'higher', 'Mean 1 − cosine within a first page.'),
  latency: per({ count: 'ms' }, 'lists', 'lower', 'Milliseconds the pipeline takes for a list.'),
};

/** The metrics that a definition names, with the part each plays. */
export type MeasuredMetric = {
  name: string;
  metric: Metric;
  role: 'primary' | 'secondary' | 'guardrail';
  /** Guardrails: relative harm that is tolerated. */
  maxHarm: number;
};

/** @throws HamletError `metric-unknown`, `metric-invalid` (400) */
export function metricsOf({ metrics }: Definition): MeasuredMetric[] {
  const known = { ...METRICS, ...metrics.custom };
  for (const [name, metric] of Object.entries(metrics.custom ?? {})) checkCustom(name, metric);
  const named = (
    name: string,
    role: MeasuredMetric['role'],
    pointer: string,
    maxHarm = 0,
  ): MeasuredMetric => {
    if (!Object.hasOwn(known, name))
      throw badInput(
        'metric-unknown',
        `There is no metric ${name}; there are ${Object.keys(known).join(', ')}.`,
        pointer,
      );
    return { name, metric: known[name]!, role, maxHarm };
  };
  const measured = [
    named(metrics.primary, 'primary', '/metrics/primary'),
    ...(metrics.secondary ?? []).map((name, i) => named(name, 'secondary', `/metrics/secondary/${i}`)),
    ...(metrics.guardrails ?? []).map(({ metric, maxHarm }, i) =>
      named(metric, 'guardrail', `/metrics/guardrails/${i}/metric`, maxHarm),
    ),
  ];
  const twice = measured.find(({ name, role }, i) =>
    measured.some((other, j) => j < i && other.name === name && other.role === role),
  );
  if (twice) throw badInput('metric-invalid', `${twice.name} is named twice as ${twice.role}.`, '/metrics');
  return measured;
}

function checkCustom(name: string, { numerator, denominator }: Metric): void {
  const pointer = `/metrics/custom/${name}`;
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/u.test(name) || Object.hasOwn(METRICS, name))
    throw badInput('metric-invalid', `${name.slice(0, 64)} cannot name a metric of one’s own.`, pointer);
  for (const count of [numerator, denominator])
    if ((count.count === 'events') !== (count.types !== undefined))
      throw badInput('metric-invalid', 'Events need their types, and only events have them.', pointer);
}
