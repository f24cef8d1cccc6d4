import type { Database } from '../db/index.ts';
import { badInput } from '../errors.ts';
import { HELD_BACK } from '../safety/index.ts';
import { readRows } from './sql.ts';
import {
  type HeldBackItem,
  ITEM_STATUS,
  type ItemKind,
  type ItemRecord,
  type ItemRef,
  KIND_CODE,
  KIND_NAME,
} from './types.ts';

/** One live item as stored, or null. */
export async function readItem(db: Database, kind: ItemKind, id: string): Promise<ItemRecord | null> {
  // jsonb of the row itself, because its names are the record's own; only a few need another form.
  const [row] = await readRows<[Omit<ItemRecord, 'kind'>]>(
    db,
    `select json_build_object(
       'ref', i.ref, 'id', i.id, 'version', i.version, 'title', i.title, 'url', i.url,
       'creatorId', u.id, 'tags', i.tags, 'prompt', i.prompt, 'negativePrompt', i.negative_prompt,
       'description', i.description, 'browsingLevel', i.level, 'effectiveLevel', i.effective_level,
       'safetySource', i.safety_source, 'safetyReasons', i.safety_reasons,
       'safetyEvidence', (select json_build_object('judge', e.judge, 'scores', e.scores)
                          from item_evidence e where e.item_ref = i.ref and e.in_force),
       'toxicity', i.toxicity, 'toxicitySource', i.toxicity_source,
       'flags', i.flags, 'phash', lpad(to_hex(i.phash), 16, '0'),
       'modelIds', (select coalesce(json_agg(m.id order by w.n), '[]')
                    from unnest(i.model_refs) with ordinality as w (ref, n) join items m on m.ref = w.ref),
       'createdAt', to_char(i.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       'attributes', i.attributes)
     from items i left join users u on u.ref = i.creator_ref
     where i.kind = $1 and i.id = $2 and i.status = ${ITEM_STATUS.live}`,
    [KIND_CODE[kind], id],
  );
  return row === undefined ? null : { kind, ...row[0] };
}

/** Stored vectors of one space (float32, unit length); items without one are absent from the map. */
export async function readVectors(
  db: Database,
  space: string,
  refs: ItemRef[],
): Promise<Map<ItemRef, Float32Array>> {
  const rows = await readRows<[ItemRef, Buffer]>(
    db,
    'select item_ref, data from item_vectors where item_ref = any($1::int[]) and space = $2',
    [refs, space],
  );
  return new Map(rows.map(([ref, data]) => [ref, float32From(data)]));
}

function float32From(bytes: Buffer): Float32Array {
  const vector = new Float32Array(bytes.length / 4);
  for (let i = 0; i < vector.length; i++) vector[i] = bytes.readFloatLE(i * 4);
  return vector;
}

export type CatalogCounts = { images: number; models: number; heldBack: number; placeholders: number };

export async function countItems(db: Database): Promise<CatalogCounts> {
  const [[images, models, heldBack, placeholders] = [0, 0, 0, 0]] = await readRows<number[]>(
    db,
    `select count(*) filter (where status = ${ITEM_STATUS.live} and kind = ${KIND_CODE.image})::float8,
       count(*) filter (where status = ${ITEM_STATUS.live} and kind = ${KIND_CODE.model})::float8,
       count(*) filter (where status = ${ITEM_STATUS.live} and effective_level = ${HELD_BACK})::float8,
       count(*) filter (where status = ${ITEM_STATUS.placeholder})::float8
     from items`,
    [],
  );
  return { images: images!, models: models!, heldBack: heldBack!, placeholders: placeholders! };
}

/**
 * Live items nobody is shown because something about them is unknown, by kind and id.
 * @param after `kind:id` of the last one of the page before; HamletError `cursor-invalid` for anything else.
 */
export async function readHeldBack(db: Database, limit: number, after?: string): Promise<HeldBackItem[]> {
  const { kind, id } = after === undefined ? { kind: 0, id: '' } : placeOf(after);
  const rows = await readRows<[number, string, string | null]>(
    db,
    `select kind, id, safety_reasons[cardinality(safety_reasons)] from items
     where status = ${ITEM_STATUS.live} and effective_level = ${HELD_BACK} and (kind, id) > ($1, $2)
     order by kind, id limit $3`,
    [kind, id, limit],
  );
  return rows.map(([code, id, reason]) => ({
    kind: KIND_NAME[code]!,
    id,
    reason: reason ?? 'level-unknown',
  }));
}

/** How many those are, by kind: from their own index, however large the catalogue. */
export async function countHeldBack(db: Database): Promise<Record<ItemKind, number>> {
  const rows = await readRows<[number, number]>(
    db,
    `select kind, count(*)::float8 from items
     where status = ${ITEM_STATUS.live} and effective_level = ${HELD_BACK} group by kind`,
    [],
  );
  const counts = { image: 0, model: 0 };
  for (const [code, count] of rows) counts[KIND_NAME[code]!] = count;
  return counts;
}

function placeOf(after: string): { kind: number; id: string } {
  const colon = after.indexOf(':');
  const kind = after.slice(0, Math.max(colon, 0));
  if (!Object.hasOwn(KIND_CODE, kind))
    throw badInput('cursor-invalid', 'Not the `next` of a page before.', '/after');
  return { kind: KIND_CODE[kind as ItemKind], id: after.slice(colon + 1) };
}
