import type { Database } from '../src/db/index.ts';
import type { Experiment } from '../src/experiments/index.ts';

const LISTS_A_PERSON = 20;
const CHUNK = 500_000;
const CLICKED = 0.4;

/**
 * Fills the log with lists of 10 items over the experiment's days, 20 a person, 0.4 deeds a list, and a
 * history of two deeds a person. Indexes are made afterwards, as for any bulk load; then the log is
 * vacuumed, which a running database does by itself.
 */
export async function fillLog(db: Database, { key, version, startedAt }: Experiment, exposures: number) {
  const began = performance.now();
  const people = Math.ceil(exposures / LISTS_A_PERSON);
  const client = await db.pool.connect();
  try {
    await client.query(
      'set statement_timeout = 0; set synchronous_commit = off; set maintenance_work_mem = 512000',
    );
    const { rows: indexes } = await client.query<{ name: string; definition: string }>(
      `select indexname as name, indexdef as definition from pg_indexes where tablename = 'recommendations' and schemaname = 'public'`,
    );
    for (const { name } of indexes) await client.query(`drop index ${name}`);
    await client.query(`insert into users (id) select 'person-' || n from generate_series(1, $1) n`, [
      people,
    ]);
    for (let from = 0; from < exposures; from += CHUNK) {
      const count = Math.min(CHUNK, exposures - from);
      await client.query(LISTS, [from, count, people, key, version, startedAt, exposures]);
    }
    await client.query(
      `insert into events (user_ref, seq, item_ref, type, occurred_at, received_at, event_id)
      select ref, n, n, 2, $1::timestamptz - interval '3 days', $1::timestamptz - interval '3 days', 'before-' || ref || '-' || n
      from users, generate_series(1, 2) n`,
      [startedAt],
    );
    const { rowCount } = await client.query(DEEDS, [CLICKED]);
    for (const { definition } of indexes) await client.query(definition.replace(' ON ONLY ', ' ON '));
    await client.query('vacuum analyze recommendations');
    await client.query('vacuum analyze events');
    await client.query('vacuum analyze users');
    return {
      exposures,
      people,
      events: rowCount ?? 0,
      seconds: Math.round((performance.now() - began) / 1000),
    };
  } finally {
    client.release(true);
  }
}

/** In time order, people mixed, as a service writes them. */
const LISTS = `
  insert into recommendations (id, created_at, user_id, user_seq, kind, surface, variant, config_digest, max_level,
    seed, items, scores, sources, because, request, served, ms, diversity)
  select uuidv7(at - now()), at, 'person-' || person, 1, 1, 'home',
    $4::text || '@' || $5::int || ':' || case when person % 2 = 0 then 'control' else 'other' end, 'digest', 1, n,
    '{1,2,3,4,5,6,7,8,9,10}', '{9,8,7,6,5,4,3,2,1,0}', '{1,1,1,1,1,1,1,1,1,1}', '{0,0,0,0,0,0,0,0,0,0}', '{}', 10,
    1 + random(), 0.5 + 0.1 * random()
  from (
    select n, 1 + (n * 7919) % $3::bigint as person,
      $6::timestamptz + n * (interval '13 days' / $7::float8) as at
    from generate_series($1::bigint, $1::bigint + $2::bigint - 1) n
  ) as one`;

const DEEDS = `
  insert into events (user_ref, seq, item_ref, type, occurred_at, received_at, recommendation_id, event_id)
  select u.ref, 0, 1 + floor(10 * random()), case when random() < 0.6 then 2 else 5 end,
    r.created_at + interval '1 minute', r.created_at + interval '1 minute', r.id, r.id::text
  from recommendations r join users u on u.id = r.user_id where random() < $1`;
