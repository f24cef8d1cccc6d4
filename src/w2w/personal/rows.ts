import { randomUUID } from 'node:crypto';
import { type Database, isUuid, query } from '../../db/index.ts';
import { HamletError } from '../../errors.ts';

export type StepName = 'taste' | 'labels' | 'directions' | 'edits' | 'verdict';
export const STEPS: readonly StepName[] = ['taste', 'labels', 'directions', 'edits', 'verdict'];

/** What each step found, under the preference it is about. */
export type Steps = {
  taste?: {
    source: string;
    fallback: string | null;
    preferences: { id: string; text: string; pictures: number }[];
  };
  labels?: Record<string, { loras: Record<string, boolean>; positives: string[] }>;
  directions?: Record<string, { direction: string; error: string | null }>;
  edits?: Record<string, { edit: string; alpha: number; error: string | null }>;
  verdict?: Record<string, Verdict>;
};
/** Of pictures with the same prompt and seed: how many suit better with the edit than without. */
export type Verdict = {
  pairs: number;
  clip: number;
  /** Null: there is no vision-language model; `attributes` is what the taste's own words see. */
  vlm: number | null;
  attributes: number;
};
export type PersonalizationState = 'queued' | 'running' | 'failed' | 'cancelled' | 'done';
export type Personalization = {
  id: string;
  userId: string;
  spaceId: string;
  state: PersonalizationState | 'stale';
  progress: number;
  steps: Steps;
  error: { code: string; message: string } | null;
  createdAt: string;
  finishedAt: string | null;
};
export type Running = {
  id: string;
  userId: string;
  userRef: number;
  spaceId: string;
  state: string;
  steps: Steps;
};

const NEWEST = 100;

/** @throws HamletError `user-unknown` (404), `user-opted-out` (409) */
export async function addPersonalization(db: Database, userId: string, spaceId: string): Promise<string> {
  const [user] = await query<{ ref: number; out: boolean }>(
    db,
    `select ref, coalesce((preferences ->> 'excludeFromTraining')::boolean, false) as out from users where id = $1`,
    [userId],
  );
  if (user === undefined) throw new HamletError('user-unknown', 404, `There is no user ${userId}.`);
  if (user.out) throw optedOut(userId);
  const id = randomUUID();
  await query(db, 'insert into w2w_personalizations (id, user_ref, space_id) values ($1, $2, $3)', [
    ...[id, user.ref, spaceId],
  ]);
  return id;
}

export const optedOut = (userId: string) =>
  new HamletError('user-opted-out', 409, `${userId} does not want to be learned from.`);

const select = (
  steps: string,
) => `select p.id, u.id as "userId", p.space_id as "spaceId", ${steps} as steps, p.error,
    case when p.state = 'done' and (s.stale_since is not null
      or coalesce((u.preferences ->> 'excludeFromTraining')::boolean, false)) then 'stale' else p.state end as state,
    to_json(p.created_at) #>> '{}' as "createdAt", to_json(p.finished_at) #>> '{}' as "finishedAt"
  from w2w_personalizations p join users u on u.ref = p.user_ref join w2w_spaces s on s.id = p.space_id`;

/** @throws HamletError `personalization-unknown` (404) */
export async function getPersonalization(db: Database, id: string): Promise<Personalization> {
  const rows = isUuid(id)
    ? await query<Omit<Personalization, 'progress'>>(db, `${select('p.steps')} where p.id = $1`, [id])
    : [];
  if (rows[0] === undefined)
    throw new HamletError('personalization-unknown', 404, 'There is no such personalization.');
  return { ...rows[0], progress: progressOf(rows[0].steps) };
}

/** The newest first; which LoRAs were labelled is told of one alone. */
export async function listPersonalizations(db: Database): Promise<Personalization[]> {
  const rows = await query<Omit<Personalization, 'progress'>>(
    db,
    `${select(`case when p.steps ? 'labels' then jsonb_set(p.steps, '{labels}', '{}') else p.steps end`)}
     order by p.created_at desc, p.id limit ${NEWEST}`,
    [],
  );
  return rows.map((row) => ({ ...row, progress: progressOf(row.steps) }));
}

/** Parts of its five steps. */
const progressOf = (steps: Steps) => STEPS.filter((step) => step in steps).length / STEPS.length;

/** @returns undefined when it is over, or its person is gone. */
export async function readRunning(db: Database, id: string): Promise<Running | undefined> {
  const [row] = await query<Running>(
    db,
    `update w2w_personalizations p set state = 'running' from users u
     where p.id = $1 and u.ref = p.user_ref and p.state in ('queued', 'running')
     returning p.id, u.id as "userId", u.ref as "userRef", p.space_id as "spaceId", p.state, p.steps`,
    [id],
  );
  return row;
}

/** Neither over, nor cancelled or erased meanwhile. */
export async function isRunning(db: Database, id: string): Promise<boolean> {
  const rows = await query(db, `select 1 from w2w_personalizations where id = $1 and state = 'running'`, [
    id,
  ]);
  return rows.length === 1;
}

/** @returns whether it still runs: not cancelled, not erased. */
export async function keepStep(db: Database, id: string, steps: Steps): Promise<boolean> {
  const rows = await query(
    db,
    `update w2w_personalizations set steps = $2 where id = $1 and state = 'running' returning id`,
    [id, JSON.stringify(steps)],
  );
  return rows.length === 1;
}

export const endPersonalization = (
  db: Database,
  id: string,
  state: 'done' | 'failed' | 'cancelled',
  error: Personalization['error'] = null,
) =>
  query(
    db,
    `update w2w_personalizations set state = $2, error = $3, finished_at = now()
     where id = $1 and state in ('queued', 'running')`,
    [id, state, error && JSON.stringify(error)],
  );
