import type pg from 'pg';
import type { Moments } from '../analysis/moments.ts';
import type { Metric } from '../types.ts';
import { covariateOf, denominatorOf, eventCodes, numeratorOf } from './expressions.ts';

/** People by variant label: all who were seen, and those left out and why. */
export type People = { label: string; seen: number; bots: number; crossed: number; kept: number };
export type Lost = { early: number; late: number; foreign: number };

export async function readPeople(client: pg.ClientBase): Promise<{ people: People[]; lost: Lost }> {
  const { rows } = await client.query<People & Lost>(`
    select variant as label, count(*) as seen, count(*) filter (where bot) as bots,
      count(*) filter (where crossed) as crossed, count(*) filter (where not bot and not crossed) as kept,
      sum(early)::bigint as early, sum(late)::bigint as late, sum("foreign")::bigint as foreign
    from measured group by variant`);
  const total = (name: keyof Lost) => rows.reduce((sum, row) => sum + row[name], 0);
  return {
    people: rows.map(({ label, seen, bots, crossed, kept }) => ({ label, seen, bots, crossed, kept })),
    lost: { early: total('early'), late: total('late'), foreign: total('foreign') },
  };
}

/** How many people were first seen in each stretch of time that ends at one of `ends` (ascending), by label. */
export async function readFirstSeen(client: pg.ClientBase, ends: string[]): Promise<Map<string, number[]>> {
  const { rows } = await client.query<{ label: string; stretch: number; people: number }>(
    `select variant as label, width_bucket(first_at, $1::timestamptz[]) as stretch, count(*) as people
     from measured group by 1, 2`,
    [ends],
  );
  const seen = new Map<string, number[]>();
  for (const { label, stretch, people } of rows) {
    const counts = seen.get(label) ?? ends.map(() => 0);
    if (stretch < counts.length) counts[stretch] = people;
    seen.set(label, counts);
  }
  return seen;
}

/** Moments of one metric by variant and `group`: the day (UTC) of the first list, or a segment. */
export type Grouped = { label: string; group: string; moments: Moments };

export const readByDay = (client: pg.ClientBase, metric: Metric): Promise<Grouped[]> =>
  readMoments(client, metric, `to_char(first_at at time zone 'UTC', 'YYYY-MM-DD')`);

/** By how much they had done before, which nothing in the experiment can change. */
export const readByHistory = (client: pg.ClientBase, metric: Metric): Promise<Grouped[]> => {
  const before = eventCodes.map((code) => `b${code}`).join(' + ');
  return readMoments(
    client,
    metric,
    `case when ${before} = 0 then 'new' when ${before} < 50 then 'some history' else 'long history' end`,
  );
};

export const readByAttribute = (
  client: pg.ClientBase,
  metric: Metric,
  attribute: string,
): Promise<Grouped[]> => readMoments(client, metric, attributeOf(client, attribute));

/** A person's attribute as it is now. */
export const attributeOf = (client: Pick<pg.ClientBase, 'escapeLiteral'>, attribute: string): string =>
  `coalesce((select left(u.attributes ->> ${client.escapeLiteral(attribute)}, 64) from users u where u.id = user_id), 'not said')`;

async function readMoments(client: pg.ClientBase, metric: Metric, group: string): Promise<Grouped[]> {
  const { rows } = await client.query<Moments & { label: string; group: string }>(`
    select variant as label, "group", count(*) as n, avg(y) as y, avg(x) as x, avg(c) as c,
      coalesce(var_samp(y), 0) as yy, coalesce(var_samp(x), 0) as xx, coalesce(var_samp(c), 0) as cc,
      coalesce(covar_samp(y, x), 0) as yx, coalesce(covar_samp(y, c), 0) as yc, coalesce(covar_samp(x, c), 0) as xc
    from (
      select variant, ${group} as "group", (${numeratorOf(metric)})::float8 as y,
        (${denominatorOf(metric)})::float8 as x, (${covariateOf(metric)})::float8 as c
      from measured where not bot and not crossed
    ) as one
    group by variant, "group" order by variant, "group"`);
  return rows.map(({ label, group: of, ...moments }) => ({ label, group: of, moments }));
}
