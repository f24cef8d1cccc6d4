import { type Database, isUuid, query } from '../db/index.ts';
import { HamletError } from '../errors.ts';

/** What was made of a space, by a training of the same id. */
export type Derived = {
  id: string;
  spaceId: string;
  state: 'queued' | 'running' | 'failed' | 'cancelled' | 'ready' | 'stale';
  progress: number;
  artifact: string | null;
  result: Record<string, unknown> | null;
  error: { code: string; message: string } | null;
  createdAt: string;
};
export type DirectionRow = Derived & { name: string; labelledBy: Record<string, unknown> };
export type EditRow = Derived & { wish: Record<string, unknown> };

/** Of a personalization, for one of its tastes. */
export type Step = { personalization: string; preference: string };
export const ofStep = (step?: Step) => [step?.personalization ?? null, step?.preference ?? null];

const TABLES = { directions: 'w2w_directions', edits: 'w2w_edits' } as const;
const OWN = { directions: 'd.name, d.labelled_by as "labelledBy"', edits: 'd.wish' } as const;
type Rows = { directions: DirectionRow; edits: EditRow };
const NEWEST = 100;

/** Stale: its space is, or the person whose taste is in it does not want to be learned from any more. */
const select = (of: keyof Rows) => `select d.id, d.space_id as "spaceId", ${OWN[of]}, t.progress, t.error,
    case when t.state <> 'done' then t.state
      when s.stale_since is not null or coalesce((u.preferences ->> 'excludeFromTraining')::boolean, false)
      then 'stale' else 'ready' end as state,
    t.result ->> 'artifact' as artifact, t.result - 'artifact' as result, to_json(t.created_at) #>> '{}' as "createdAt"
  from ${TABLES[of]} d join trainings t on t.id = d.id join w2w_spaces s on s.id = d.space_id
    left join users u on u.ref = d.user_ref`;

/** @throws HamletError `direction-unknown`, `edit-unknown` (404) */
export async function getDerived<Of extends keyof Rows>(db: Database, of: Of, id: string): Promise<Rows[Of]> {
  const rows = isUuid(id) ? await query<Rows[Of]>(db, `${select(of)} where d.id = $1`, [id]) : [];
  if (rows[0] === undefined)
    throw new HamletError(`${of.slice(0, -1)}-unknown`, 404, `There is no such ${of.slice(0, -1)}.`);
  return rows[0];
}

/** What a step has begun already, if it has. */
export async function begunFor(
  db: Database,
  of: keyof Rows,
  { personalization, preference }: Step,
): Promise<string | undefined> {
  const rows = await query<{ id: string }>(
    db,
    `select id from ${TABLES[of]} where personalization = $1 and preference = $2`,
    [personalization, preference],
  );
  return rows[0]?.id;
}

/** The newest first. */
export const listDerived = <Of extends keyof Rows>(
  db: Database,
  of: Of,
  spaceId: string | null = null,
): Promise<Rows[Of][]> =>
  query<Rows[Of]>(
    db,
    `${select(of)} where $1::uuid is null or d.space_id = $1 order by t.created_at desc, d.id limit ${NEWEST}`,
    [spaceId],
  );
