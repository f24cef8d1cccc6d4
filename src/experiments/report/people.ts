import type pg from 'pg';
import { EVENT_CODE } from '../../events/types.ts';
import type { Definition } from '../types.ts';
import { eventCodes } from './expressions.ts';

export type Period = { from: string; until: string };
/** Lists of one version of an experiment and how they are to be read. */
export type Question = Period & { labels: string[]; definition: Definition };

/** How much earlier than its list an event may claim to have happened: devices' clocks differ. */
const SKEW_MINUTES = 5;
const LIKE_CODES = [EVENT_CODE.like, EVENT_CODE.heart, EVENT_CODE.laugh, EVENT_CODE.cry];

/**
 * Makes the temporary table `measured`, a row a person and variant, for the rest of the transaction.
 * Exposures come from the index recommendations_exposures in its own order, so nothing is sorted and
 * memory does not grow with the log; what outgrows work_mem goes to disk.
 *
 * - An event counts for the list it names, if the list is the same person's and the event happened from
 *   the list on within the attribution window, by the device's clock or, if that is ahead, by ours.
 * - The same deed on the same item of the same list counts once.
 * - `bot`: more lists within an hour than people ask for. `crossed`: seen in several variants.
 */
export async function measurePeople(client: pg.ClientBase, question: Question): Promise<void> {
  const { labels, from, until, definition } = question;
  const { sessionMinutes = 30, botListsAnHour = 500, attributionHours = 24, historyDays = 28 } = definition;
  await client.query('drop table if exists exposed, deeds, outcomes, history, measured');
  const exposed = labels.map((label) =>
    EXPOSED.replace('BOT', String(Math.trunc(botListsAnHour)))
      .replaceAll('LABEL', client.escapeLiteral(label))
      .replace('GAP', interval(sessionMinutes / 60))
      .replace('FROM', client.escapeLiteral(from))
      .replace('UNTIL', client.escapeLiteral(until)),
  );
  await client.query(`create temp table exposed on commit drop as ${exposed.join(' union all ')}`);
  await client.query(DEEDS.replace('FROM', client.escapeLiteral(from)));
  await client.query('analyze exposed; analyze deeds');
  await client.query(
    OUTCOMES.replaceAll('LABELS', labels.map((label) => client.escapeLiteral(label)).join(', '))
      .replaceAll('WINDOW', interval(attributionHours))
      .replaceAll('FROM', client.escapeLiteral(from))
      .replaceAll('UNTIL', client.escapeLiteral(until)),
  );
  await client.query(
    HISTORY.replaceAll('FROM', client.escapeLiteral(from)).replace('DAYS', interval(historyDays * 24)),
  );
  await client.query('analyze outcomes; analyze history');
  await client.query(
    MEASURED.replaceAll('HOURS', String(Number(attributionHours))).replace(
      'UNTIL',
      client.escapeLiteral(until),
    ),
  );
}

const interval = (hours: number): string => `interval '${Number(hours)} hours'`;
/** One variant at a time: only then does the index give its people in order. */
const EXPOSED = `
  select LABEL::text as variant, user_id, min(created_at) as first_at, count(*) as lists, sum(served) as positions,
    count(*) filter (where previous is null or created_at - previous > GAP) as sessions,
    coalesce(sum(ms), 0)::float8 as ms, count(ms) as ms_lists,
    coalesce(sum(diversity), 0)::float8 as diversity, count(diversity) as diversity_lists,
    coalesce(bool_or(flood), false) as bot
  from (
    select user_id, created_at, served, ms, diversity, lag(created_at) over w as previous,
      created_at - lag(created_at, BOT) over w < interval '1 hour' as flood
    from recommendations
    where variant = LABEL and created_at >= FROM and created_at < UNTIL
    window w as (partition by user_id order by created_at)
  ) as lists
  group by user_id`;

const counts = (prefix: string, where = 'true') =>
  eventCodes
    .map((code) => `count(*) filter (where type = ${code} and ${where}) as ${prefix}${code}`)
    .join(', ');

/** A table of its own, so that the planner knows how many there are and joins from this, the smaller side. */
const DEEDS = `
  create temp table deeds on commit drop as
  select recommendation_id, user_ref, item_ref, type, min(least(occurred_at, received_at)) as at
  from events where recommendation_id is not null and received_at >= FROM
  group by recommendation_id, user_ref, item_ref, type`;

const OUTCOMES = `
  create temp table outcomes on commit drop as
  select variant, user_id, ${counts('e', 'fate = 0')},
    min(at) filter (where type in (${LIKE_CODES.join(', ')}) and fate = 0) as liked_at,
    count(*) filter (where fate = 1) as early, count(*) filter (where fate = 2) as late,
    count(*) filter (where fate = 3) as "foreign"
  from (
    select r.variant, r.user_id, e.type, e.at,
      case when u.id is distinct from r.user_id then 3
           when e.at < r.created_at - interval '${SKEW_MINUTES} minutes' then 1
           when e.at >= r.created_at + WINDOW then 2 else 0 end as fate
    from deeds e join recommendations r on r.id = e.recommendation_id and r.variant in (LABELS)
      and r.created_at >= FROM and r.created_at < UNTIL
    left join users u on u.ref = e.user_ref
  ) as judged
  group by variant, user_id`;

/** Only what was known before the start: nothing that a variant could have changed. */
const HISTORY = `
  create temp table history on commit drop as
  select u.id as user_id, ${counts('b')}
  from events e join users u on u.ref = e.user_ref
  where e.received_at < FROM and e.occurred_at < FROM and e.occurred_at >= FROM::timestamptz - DAYS
  group by u.id`;

const zeroed = (names: string[]) => names.map((name) => `coalesce(${name}, 0) as ${name}`).join(', ');

const MEASURED = `
  create temp table measured on commit drop as
  select x.*, ${zeroed([...eventCodes.map((code) => `e${code}`), 'early', 'late', '"foreign"'])},
    ${zeroed(eventCodes.map((code) => `b${code}`))},
    least(case when liked_at is null then HOURS
        else extract(epoch from greatest(liked_at, first_at) - first_at) / 3600 end,
      HOURS, extract(epoch from UNTIL::timestamptz - first_at) / 3600)::float8 as hours_to_like,
    count(*) over (partition by user_id) > 1 as crossed
  from exposed x left join outcomes using (variant, user_id) left join history using (user_id)`;
