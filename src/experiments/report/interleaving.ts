import { type Database, inTransaction } from '../../db/index.ts';
import { HamletError } from '../../errors.ts';
import { EVENT_CODE } from '../../events/types.ts';
import { type Preference, preferenceOf } from '../analysis/interleaving.ts';
import { momentsOf } from '../analysis/moments.ts';
import { metricsOf } from '../metrics.ts';
import { type Experiment, INTERLEAVED, labelOf } from '../types.ts';

export type InterleavingReport = {
  experiment: string;
  version: number;
  mode: 'interleaving';
  hypothesis: string;
  period: { from: string; until: string };
  /** Deeds that count as credit: the primary metric's. */
  credit: string[];
  variants: [string, string];
  lists: number;
  preference: Preference;
  verdict: { decision: 'prefer' | 'too early' | 'undecided'; variant: string | null; reasons: string[] };
  assumptions: string[];
};

/** A person's deeds on items of either team, the same deed on one item of a list once. */
const CREDIT = `
  select count(*) filter (where team = 0) as first, count(*) filter (where team = 1) as second, sum(lists) as lists
  from (
    select r.user_id, null::smallint as team, 1 as lists from recommendations r
    where r.variant = $1 and r.created_at >= $2 and r.created_at < $3
    union all
    select r.user_id, r.teams[array_position(r.items, e.item_ref)], 0
    from (select recommendation_id, user_ref, item_ref, type, min(least(occurred_at, received_at)) as at
          from events where recommendation_id is not null and received_at >= $2 and type = any($4)
          group by recommendation_id, user_ref, item_ref, type) e
    join recommendations r on r.id = e.recommendation_id and r.variant = $1 and r.created_at >= $2 and r.created_at < $3
    join users u on u.ref = e.user_ref and u.id = r.user_id
    where e.at >= r.created_at - interval '5 minutes' and e.at < r.created_at + $5::float8 * interval '1 hour'
  ) as credit
  group by user_id having sum(lists) <= $6`;

/** Lists of one person beyond which it is nobody's reading. */
const MOST_LISTS_A_PERSON = 10_000;

/** @throws HamletError `not-interleaved`, `never-started` (409) */
export async function interleavingReportOn(
  db: Database,
  experiment: Experiment,
): Promise<InterleavingReport> {
  const { key, version, definition, startedAt, endedAt } = experiment;
  if (definition.mode !== 'interleaving')
    throw new HamletError('not-interleaved', 409, `${key} does not interleave.`);
  if (startedAt === null) throw new HamletError('never-started', 409, `${key} has not run.`);
  const numerator = metricsOf(definition)[0]!.metric.numerator;
  const credit = numerator.types ?? ['click'];
  const period = { from: startedAt, until: endedAt ?? new Date().toISOString() };
  const rows = await inTransaction(db, async (client) => {
    await client.query('set local statement_timeout = 0');
    const { rows } = await client.query<{ first: number; second: number; lists: number }>(CREDIT, [
      ...[labelOf(key, version, INTERLEAVED), period.from, period.until],
      ...[credit.map((type) => EVENT_CODE[type]), definition.attributionHours ?? 24, MOST_LISTS_A_PERSON],
    ]);
    return rows;
  });
  const gains = rows.map(({ first, second }) => second - first);
  const ones = new Float64Array(rows.length).fill(1);
  const moments = momentsOf(gains, ones, ones);
  const preference = preferenceOf(moments, definition.alpha ?? 0.05);
  const variants = definition.variants.map((one) => one.key) as [string, string];
  return {
    ...{
      experiment: key,
      version,
      mode: 'interleaving',
      hypothesis: definition.hypothesis,
      period,
      credit,
      variants,
    },
    lists: rows.reduce((sum, row) => sum + Number(row.lists), 0),
    preference,
    verdict: verdictOn(preference, variants),
    assumptions: [
      'Team draft: both pipelines pick in turn, a coin decides who begins each round; what both would show belongs to whoever picked it.',
      'It says which list people take more from, not by how much a metric would rise: decide with an A/B test.',
      'The person is the unit; the interval is always-valid (Waudby-Smith et al. 2024).',
    ],
  };
}

function verdictOn({ people, difference, sequential, enough }: Preference, variants: [string, string]) {
  const [low, high] = sequential.map((edge) => Number(edge.toPrecision(3)));
  const reasons = [
    `a person takes ${Number(difference.toPrecision(3))} more from ${variants[1]} than from ${variants[0]}, always-valid interval ${low} to ${high}, ${people} people`,
  ];
  if (!enough) return { decision: 'too early' as const, variant: null, reasons };
  if (sequential[0] > 0) return { decision: 'prefer' as const, variant: variants[1], reasons };
  if (sequential[1] < 0) return { decision: 'prefer' as const, variant: variants[0], reasons };
  return { decision: 'undecided' as const, variant: null, reasons };
}
