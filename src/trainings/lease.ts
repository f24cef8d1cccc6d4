import type { JobStatus } from '../../schemas/sidecar.ts';
import { type Database, query } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import { COLUMNS } from './store.ts';
import type { Held, Training } from './types.ts';

/** Everything below is heard only under the highest fence, and only while the training is open. */
const MINE = `id = $1 and fence = $2 and state in ('queued', 'running')`;

/** @returns the training under a new fence, or undefined while another holds it or when it is over. */
export async function takeLease(db: Database, id: string, ms: number): Promise<Held | undefined> {
  const [row] = await query<Training & { fence: string }>(
    db,
    `update trainings set fence = fence + 1, leased_until = now() + $2 * interval '1 ms'
     where id = $1 and state in ('queued', 'running') and (leased_until is null or leased_until < now())
     returning ${COLUMNS}, fence`,
    [id, ms],
  );
  return row && { ...row, fence: Number(row.fence) };
}

/** Writes how far it is and lengthens the lease. @throws HamletError `training-taken` */
export async function report(db: Database, held: Held, status: JobStatus, ms: number): Promise<Held> {
  const state = status.state === 'queued' ? 'queued' : 'running';
  return heard(
    held,
    await query<Training>(
      db,
      `update trainings set state = $7, progress = $3, metrics = $4, log = $5,
         leased_until = now() + $6 * interval '1 ms', started_at = case when $7 = 'running' then coalesce(started_at, now()) else started_at end
       where ${MINE} returning ${COLUMNS}`,
      [held.id, held.fence, status.progress, status.metrics, status.log.map(printable), ms, state],
    ),
  );
}

/** Lengthens the lease while there is nothing to report. @throws HamletError `training-taken` */
export async function renew(db: Database, held: Held, note: string, ms: number): Promise<Held> {
  return heard(
    held,
    await query<Training>(
      db,
      `update trainings set leased_until = now() + $3 * interval '1 ms',
         log = case when log[cardinality(log)] = $4 then log else (log || $4)[greatest(1, cardinality(log) - 48):] end
       where ${MINE} returning ${COLUMNS}`,
      [held.id, held.fence, ms, printable(note)],
    ),
  );
}

/** @throws HamletError `training-taken` */
export async function beginAttempt(db: Database, held: Held, sidecar: string, ms: number): Promise<Held> {
  return heard(
    held,
    await query<Training>(
      db,
      `update trainings set attempt = attempt + 1, sidecar = $3, leased_until = now() + $4 * interval '1 ms'
       where ${MINE} returning ${COLUMNS}`,
      [held.id, held.fence, sidecar, ms],
    ),
  );
}

/** Which snapshot it sees, once and for all its attempts. @throws HamletError `training-taken` */
export async function nameDataset(db: Database, held: Held, digest: string, spec: object): Promise<Held> {
  return heard(
    held,
    await query<Training>(
      db,
      `update trainings set dataset = $3, spec = $4 where ${MINE} returning ${COLUMNS}`,
      [held.id, held.fence, digest, JSON.stringify(spec)],
    ),
  );
}

/** Lets the next api take it over at once. */
export const releaseLease = (db: Database, held: Held) =>
  query(db, `update trainings set leased_until = null where ${MINE}`, [held.id, held.fence]);

/** The statement that ends a training; in a transaction it goes with what its result brings. */
export const FINISH = `update trainings set state = $3, result = $4, error = $5, finished_at = now(),
  leased_until = null, progress = case when $3 = 'done' then 1 else progress end where ${MINE} returning id`;

function heard(held: Held, [row]: Training[]): Held {
  if (row === undefined)
    throw new HamletError('training-taken', 409, `training ${held.id} has passed to another api`);
  return { ...row, fence: held.fence };
}

/** PostgreSQL holds no NUL. */
const printable = (line: string) => line.replaceAll('\0', '').toWellFormed();
