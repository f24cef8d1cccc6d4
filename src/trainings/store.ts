import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { type Database, inTransaction, isUuid, query } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import type { Training } from './types.ts';

/** The columns of a `Training` under its own names; `fence` is nobody's business outside. */
export const COLUMNS = `id, kind, spec, dataset, state, attempt, sidecar, cancel_requested as "cancelRequested",
  progress, metrics, log, result, error, to_json(created_at) #>> '{}' as "createdAt",
  to_json(started_at) #>> '{}' as "startedAt", to_json(finished_at) #>> '{}' as "finishedAt"`;

const NEWEST = 100;

/** What is written with a training: neither is there without the other. */
export type Beside = (client: pg.PoolClient, id: string) => Promise<unknown>;

export const addTraining = (
  db: Database,
  kind: string,
  spec: object,
  beside: Beside = async () => {},
): Promise<Training> =>
  inTransaction(db, async (client) => {
    const { rows } = await client.query<Training>(
      `insert into trainings (id, kind, spec) values ($1, $2, $3) returning ${COLUMNS}`,
      [randomUUID(), kind, JSON.stringify(spec)],
    );
    await beside(client, rows[0]!.id);
    return rows[0]!;
  });

/** @throws HamletError `training-unknown` (404) */
export async function getTraining(db: Database, id: string): Promise<Training> {
  const [row] = isUuid(id)
    ? await query<Training>(db, `select ${COLUMNS} from trainings where id = $1`, [id])
    : [];
  if (row === undefined) throw new HamletError('training-unknown', 404, 'No such training.');
  return row;
}

export const listTrainings = (db: Database): Promise<Training[]> =>
  query<Training>(db, `select ${COLUMNS} from trainings order by created_at desc, id limit ${NEWEST}`);

/** One that nobody has begun ends at once; whoever holds the lease of another sees the request at the next look. */
export async function requestCancel(db: Database, id: string): Promise<Training> {
  await getTraining(db, id);
  const [row] = await query<Training>(
    db,
    `update trainings set cancel_requested = cancel_requested or state in ('queued', 'running'),
       state = case when state = 'queued' and fence = 0 then 'cancelled' else state end,
       finished_at = case when state = 'queued' and fence = 0 then now() else finished_at end
     where id = $1 returning ${COLUMNS}`,
    [id],
  );
  return row!;
}

/** Open ones that nobody holds, and has not for a while: their process died before it could tell the queue. */
export async function abandonedTrainings(db: Database, forMs: number): Promise<string[]> {
  const rows = await query<{ id: string }>(
    db,
    `select id from trainings where state in ('queued', 'running')
       and coalesce(leased_until, created_at) < now() - $1 * interval '1 ms'`,
    [forMs],
  );
  return rows.map(({ id }) => id);
}

export const countTrainings = (db: Database) =>
  query<{ kind: string; state: string; code: string; count: number }>(
    db,
    `select kind, state, coalesce(error ->> 'code', '') as code, count(*)::int as count
     from trainings group by 1, 2, 3`,
  );
