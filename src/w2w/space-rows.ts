import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, isUuid, query } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import { REFUSED_BECAUSE, WITH_CREATOR } from './rights.ts';

export type SpaceState = 'queued' | 'running' | 'failed' | 'cancelled' | 'ready' | 'stale';

/** A space as callers see it. */
export type Space = {
  id: string;
  state: SpaceState;
  spec: Record<string, unknown>;
  progress: number;
  /** LoRAs that were given to it, and why others were not. */
  members: number;
  leftOut: Record<string, number>;
  /** Folder of its artifact, and the job's figures. */
  artifact: string | null;
  figures: Record<string, unknown> | null;
  stale: { since: string; because: Record<string, number> } | null;
  error: { code: string; message: string } | null;
  createdAt: string;
};

const NEWEST = 100;

const SELECT = `select s.id,
    case when t.state <> 'done' then t.state when s.stale_since is null then 'ready' else 'stale' end as state,
    t.spec, t.progress, s.left_out as "leftOut", t.result ->> 'artifact' as artifact, t.result - 'artifact' as figures,
    (select count(*)::int from w2w_space_members m where m.space_id = s.id) as members,
    case when s.stale_since is not null
      then jsonb_build_object('since', s.stale_since, 'because', s.stale_because) end as stale,
    t.error, to_json(t.created_at) #>> '{}' as "createdAt"
  from w2w_spaces s join trainings t on t.id = s.id`;

/** A space that held a LoRA which may be in none any more stays stale, also if the LoRA may be again later. */
const MARK = `update w2w_spaces s set stale_since = now(), stale_because = lost.because
  from (
    select space_id, jsonb_object_agg(reason, n) as because
    from (
      select m.space_id, ${REFUSED_BECAUSE} as reason, count(*) as n
      from w2w_space_members m join items i on i.ref = m.item_ref ${WITH_CREATOR}
      where $1::uuid is null or m.space_id = $1
      group by 1, 2
    ) counted where reason is not null group by space_id
  ) lost
  where s.id = lost.space_id and s.stale_since is null`;

/** @throws HamletError `space-unknown` (404) */
export async function getSpace(db: Database, id: string): Promise<Space> {
  if (!isUuid(id)) throw unknown();
  await query(db, MARK, [id]);
  const [space] = await query<Space>(db, `${SELECT} where s.id = $1`, [id]);
  if (space === undefined) throw unknown();
  return space;
}

/** The newest first. */
export async function listSpaces(db: Database): Promise<Space[]> {
  await query(db, MARK, [null]);
  return query<Space>(db, `${SELECT} order by t.created_at desc, s.id limit ${NEWEST}`, []);
}

/**
 * The space, if edits may be made in it: whole, its files there, and every LoRA in it still allowed to be.
 * @throws HamletError `space-unknown` (404), `space-not-ready`, `space-stale` (409), `space-files-gone` (422)
 */
export async function usableSpace(
  db: Database,
  home: string,
  id: string,
): Promise<Space & { artifact: string }> {
  const space = await getSpace(db, id);
  if (space.state === 'stale') {
    const why = Object.entries(space.stale!.because).map(([reason, n]) => `${n} ${reason}`);
    throw new HamletError(
      'space-stale',
      409,
      `LoRAs in it may be in no space any more (${why.join(', ')}): it makes no new edits. Build another.`,
    );
  }
  const { state, artifact } = space;
  if (state !== 'ready' || artifact === null)
    throw new HamletError('space-not-ready', 409, `The space is ${state}.`);
  if ((await stat(join(home, 'artifacts', artifact, 'manifest.json')).catch(() => null)) === null)
    throw new HamletError('space-files-gone', 422, `${artifact} is not among the artifacts any more.`);
  return { ...space, artifact };
}

const unknown = () => new HamletError('space-unknown', 404, 'No such space.');
