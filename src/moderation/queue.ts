import { ITEM_STATUS, type ItemKind, KIND_CODE, KIND_NAME, LEVEL } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';
import { badInput, HamletError } from '../errors.ts';
import type { ReviewState } from './types.ts';

/** Why an item waits, in SQL over `i`: the first that holds. */
const STATE = `case when exists (select 1 from item_reports p where p.item_ref = i.ref and not p.handled)
    then 'reported'
  when 'disputed' = any(i.safety_reasons) then 'disputed'
  when i.effective_level = ${LEVEL.BLOCKED} then 'blocked' else 'held' end`;

/** What a moderator needs to decide. Names are the answer's own. */
const CASE = `json_build_object(
  'kind', i.kind, 'id', i.id, 'review', i.review, 'state', ${STATE}, 'since', i.review_since,
  'title', i.title, 'url', i.url, 'tags', i.tags, 'prompt', i.prompt, 'creatorId', u.id,
  'declaredLevel', i.level, 'level', i.effective_level, 'source', i.safety_source, 'reasons', i.safety_reasons,
  'toxicity', i.toxicity, 'toxicitySource', i.toxicity_source,
  'evidence', (select json_build_object('judge', e.judge, 'scores', e.scores, 'pictures', e.frames)
               from item_evidence e where e.item_ref = i.ref and e.in_force),
  'fault', (select json_build_object('code', a.code, 'reason', a.reason)
            from classification_attempts a where a.item_ref = i.ref and a.code is not null),
  'reports', (select coalesce(json_agg(json_build_object('reason', p.reason, 'note', p.note, 'at', p.at)
                order by p.at), '[]') from item_reports p where p.item_ref = i.ref and not p.handled)) as item`;
const FROM = 'from items i left join users u on u.ref = i.creator_ref';

/** An item as it lies before a moderator; its fields are those of schemas/moderation.ts. */
export type Case = { kind: ItemKind; id: string; review: number; state: ReviewState } & Record<
  string,
  unknown
>;

/**
 * Items that wait for a moderator, the longest first.
 * @param after `next` of the page before; HamletError `cursor-invalid` for anything else
 */
export async function readQueue(
  db: Database,
  { state, limit, after }: { state?: ReviewState; limit: number; after?: string },
): Promise<{ items: Case[]; next: string | null }> {
  const [since, ref] = after === undefined ? ['-infinity', 0] : placeOf(after);
  const rows = await query<{ item: Case; since: string; ref: number }>(
    db,
    `select ${CASE}, i.review_since::text as since, i.ref ${FROM}
     where i.review_since is not null and i.status = ${ITEM_STATUS.live}
       and (i.review_since, i.ref) > ($1::timestamptz, $2::int) and ($3::text is null or ${STATE} = $3)
     order by i.review_since, i.ref limit $4`,
    [since, ref, state ?? null, limit],
  );
  const last = rows.at(-1);
  return {
    items: rows.map(({ item }) => named(item)),
    next:
      rows.length === limit && last ? Buffer.from(`${last.since}|${last.ref}`).toString('base64url') : null,
  };
}

const PLACE = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d(?::\d\d)?)\|(\d{1,9})$/u;

function placeOf(after: string): [string, number] {
  const [, since, ref] = PLACE.exec(Buffer.from(after, 'base64url').toString()) ?? [];
  if (since === undefined) throw badInput('cursor-invalid', 'Not the `next` of a page before.', '/after');
  return [since, Number(ref)];
}

/** One live item, whether it waits or not, with what moderators have decided of it. */
export async function readCase(db: Database, kind: ItemKind, id: string): Promise<Case> {
  const rows = await query<{ item: Case; history: unknown[] }>(
    db,
    `select ${CASE}, (select coalesce(json_agg(json_build_object('level', d.level, 'note', d.note,
         'moderator', d.moderator, 'key', d.api_key, 'at', d.at, 'seen', d.seen) order by d.review), '[]')
       from moderation_decisions d where d.item_ref = i.ref) as history ${FROM}
     where i.kind = $1 and i.id = $2 and i.status = ${ITEM_STATUS.live}`,
    [KIND_CODE[kind], id],
  );
  const [row] = rows;
  if (row === undefined) throw new HamletError('item-unknown', 404, 'There is no such item.');
  return { ...named(row.item), history: row.history };
}

const named = (item: Case): Case => ({ ...item, kind: KIND_NAME[item.kind as unknown as number]! });
