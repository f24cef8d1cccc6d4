import type { Row } from './rows.ts';
import type { Queryable } from './sql.ts';
import { ITEM_STATUS, type ItemRef, LEVEL } from './types.ts';

/** A row with its relations resolved; `ref` is 0 while `isNew`. */
export type WritableRow = Row & {
  ref: ItemRef;
  isNew: boolean;
  /** Its picture is at another place than before, so a vector made of the old one says nothing. */
  isRepictured: boolean;
  creator_ref: number | null;
  model_refs: ItemRef[];
};

/** Columns as a caller's put fills them; the type is the one `json_to_recordset` reads them by. */
const COLUMNS = {
  ...{ creator_ref: 'int', level: 'smallint', assumed: 'smallint', classify: 'boolean' },
  ...{ effective_level: 'smallint', safety_source: 'text', safety_reasons: 'text[]', safety_rule: 'text' },
  ...{
    flags: 'smallint',
    text_marks: 'smallint',
    toxicity: 'real',
    toxicity_source: 'text',
    phash: 'bigint',
  },
  ...{
    title: 'text',
    url: 'text',
    tags: 'text[]',
    prompt: 'text',
    negative_prompt: 'text',
    description: 'text',
  },
  ...{ model_refs: 'int[]', attributes: 'jsonb', created_at: 'timestamptz' },
};
const NAMES = Object.keys(COLUMNS);
const SHAPE = `r (ref int, kind smallint, id text, digest text, in_review boolean,
  ${Object.entries(COLUMNS)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ')})`;
const INSERT = `insert into items (kind, id, status, version, digest, review_since, ${NAMES.join(', ')})
  select kind, id, ${ITEM_STATUS.live}, $2::bigint, decode(digest, 'hex'), case when in_review then now() end,
    ${NAMES.join(', ')}
  from json_to_recordset($1::json) as ${SHAPE} returning kind, id, ref`;
/** What a moderator looked at. */
const SHOWN = ['url', 'title', 'tags', 'prompt', 'description'];
const CHANGED = `(${SHOWN.map((name) => `items.${name}`).join(', ')}) is distinct from
  (${SHOWN.map((name) => `r.${name}`).join(', ')})`;
// A change ends what a moderator allowed, never what one blocked.
const UPDATE = `update items set status = ${ITEM_STATUS.live}, version = $2::bigint, updated_at = now(),
  digest = decode(r.digest, 'hex'), review_since = case when r.in_review then coalesce(review_since, now()) end,
  moderated = case when items.moderated < ${LEVEL.BLOCKED} and ${CHANGED} then null else items.moderated end,
  review = items.review + (${CHANGED})::int, ${NAMES.map((name) => `${name} = r.${name}`).join(', ')}
  from json_to_recordset($1::json) as ${SHAPE} where items.ref = r.ref`;

/** Inserts new rows, filling in their `ref`, and replaces the others. Needs the catalogue's write lock. */
export async function writeRows(client: Queryable, rows: WritableRow[], version: number): Promise<void> {
  const added = rows.filter(({ isNew }) => isNew);
  const changed = rows.filter(({ isNew }) => !isNew);
  if (added.length > 0) {
    const byName = new Map(added.map((row) => [`${row.kind}:${row.id}`, row]));
    const { rows: inserted } = await client.query<[number, string, ItemRef]>({
      name: 'catalog-insert',
      text: INSERT,
      values: [itemsJson(added), version],
      rowMode: 'array',
    });
    for (const [kind, id, ref] of inserted) byName.get(`${kind}:${id}`)!.ref = ref;
  }
  if (changed.length > 0)
    await client.query({ name: 'catalog-update', text: UPDATE, values: [itemsJson(changed), version] });
}

/**
 * Stores the vectors of written rows. A vector that an item no longer has is removed; a measured one stays as
 * long as the picture it was made of.
 */
export async function writeVectors(client: Queryable, rows: WritableRow[], encoderId: string): Promise<void> {
  const vectors = rows.flatMap(
    ({ ref, isNew, isRepictured: stale, text_vector, clip_vector, clip_source }) => [
      { ref, isNew, stale, space: 'text', source: encoderId, data: text_vector },
      { ref, isNew, stale, space: 'clip', source: clip_source, data: clip_vector },
    ],
  );
  const present = vectors.filter(({ data }) => data !== null);
  if (present.length > 0)
    await client.query({
      name: 'catalog-put-vectors',
      text: `insert into item_vectors (item_ref, space, source, data)
             select ref, space, source, decode(data, 'base64')
             from json_to_recordset($1::json) as r (ref int, space text, source text, data text)
             on conflict (item_ref, space) do update set source = excluded.source, data = excluded.data`,
      values: [JSON.stringify(present)],
    });
  const absent = vectors.filter(({ data, isNew }) => data === null && !isNew);
  if (absent.length > 0)
    await client.query({
      name: 'catalog-drop-vectors',
      text: `delete from item_vectors v using unnest($1::int[], $2::text[], $3::boolean[]) as w (ref, space, stale)
             where v.item_ref = w.ref and v.space = w.space
               and (v.space = 'text' or v.source = 'declared' or w.stale)`,
      values: [
        absent.map(({ ref }) => ref),
        absent.map(({ space }) => space),
        absent.map(({ stale }) => stale),
      ],
    });
}

/** What is known of what an item showed. */
const DERIVED = [
  'item_vectors',
  'embedding_attempts',
  'item_evidence',
  'classification_attempts',
  'item_reports',
];

/** What classifiers saw in another picture says nothing of this one. */
export async function dropEvidence(client: Queryable, rows: WritableRow[]): Promise<void> {
  const stale = rows.filter(({ isRepictured }) => isRepictured).map(({ ref }) => ref);
  if (stale.length > 0)
    await client.query('delete from item_evidence where item_ref = any($1::int[])', [stale]);
}

/**
 * Marks an item deleted and drops what it said and showed; its number stays, because the log refers to it.
 * @returns false when there is no live item of this name.
 */
export async function markDeleted(
  client: Queryable,
  kind: number,
  id: string,
  version: number,
): Promise<boolean> {
  const { rows } = await client.query<{ ref: ItemRef }>(
    `update items set status = ${ITEM_STATUS.deleted}, effective_level = ${LEVEL.BLOCKED}, version = $3,
       updated_at = now(), digest = null, title = '', url = '', tags = '{}', prompt = '', negative_prompt = '',
       description = '', model_refs = '{}', attributes = '{}', phash = null, safety_reasons = '{}',
       review_since = null, reported = false, review = review + 1
     where kind = $1 and id = $2 and status = ${ITEM_STATUS.live} returning ref`,
    [kind, id, version],
  );
  if (rows.length === 0) return false;
  for (const table of DERIVED) await client.query(`delete from ${table} where item_ref = $1`, [rows[0]!.ref]);
  return true;
}

/** Rows without their vectors, which go to a table of their own. */
const itemsJson = (rows: WritableRow[]) =>
  JSON.stringify(rows.map(({ text_vector: _text, clip_vector: _clip, clip_source: _source, ...row }) => row));
