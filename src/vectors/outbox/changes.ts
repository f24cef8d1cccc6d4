import { ITEM_STATUS, type ItemKind, type ItemRef, KIND_CODE, LEVEL } from '../../catalog/types.ts';
import { type Database, query } from '../../db/index.ts';
import { HamletError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { CollectionSpec, Point } from '../port.ts';
import { unitVector } from '../vector-check.ts';

/** How far the item table has been read: rows are ordered by version, then ref. */
export type Position = { version: number; ref: ItemRef };

/** Changed items as the index should have them: what may ever be served, and what must be gone. */
export type Changes = {
  upserts: Point[];
  removals: { id: ItemRef; version: number }[];
  /** Position of the last row read. */
  last: Position;
  /** Every change up to this catalogue version has been read. */
  complete: number;
};

type ItemRow = {
  ref: ItemRef;
  version: string;
  status: number;
  effective_level: number;
  creator_ref: number | null;
  tags: string[];
  vectors: { space: string; data: string }[] | null;
};

/**
 * The next `limit` changes of a kind after `from`. Placeholders are passed over: they were never live.
 * Deleted, held back and blocked items and those without a vector become removals, so that the index
 * holds nothing that may not be served whatever filter a query forgets.
 */
export async function readChanges(
  db: Database,
  spec: CollectionSpec,
  from: Position,
  limit: number,
  log: Log,
): Promise<Changes | undefined> {
  const rows = await query<ItemRow>(
    db,
    `select i.ref, i.version, i.status, i.effective_level, i.creator_ref, i.tags,
       (select json_agg(json_build_object('space', v.space, 'data', encode(v.data, 'base64')))
        from item_vectors v where v.item_ref = i.ref and v.space = any($5)) as vectors
     from items i
     where i.kind = $1 and i.status <> ${ITEM_STATUS.placeholder}
       and i.version >= $2 and (i.version, i.ref) > ($2, $3)
     order by i.version, i.ref limit $4`,
    [KIND_CODE[spec.kind], from.version, from.ref, limit, Object.keys(spec.spaces)],
  );
  if (rows.length === 0) return undefined;
  const changes = rows.map((row) => pointOf(row, spec, log));
  const last = { version: Number(rows.at(-1)!.version), ref: rows.at(-1)!.ref };
  return {
    upserts: changes.filter((change) => 'payload' in change),
    removals: changes.filter((change) => !('payload' in change)),
    last,
    complete: rows.length < limit ? last.version : last.version - 1,
  };
}

function pointOf(row: ItemRow, spec: CollectionSpec, log: Log): Point | { id: ItemRef; version: number } {
  const [id, version, level] = [row.ref, Number(row.version), row.effective_level];
  const servable = row.status === ITEM_STATUS.live && level >= LEVEL.PG && level <= LEVEL.XXX;
  const vectors = servable ? vectorsOf(row, spec, log) : {};
  if (Object.keys(vectors).length === 0) return { id, version };
  return { id, version, vectors, payload: { level, creator: row.creator_ref ?? 0, tags: row.tags } };
}

/** A vector that cannot be used (another length since CONTENT_DIMS changed) is left out, not fatal. */
function vectorsOf(row: ItemRow, spec: CollectionSpec, log: Log): Record<string, Float32Array> {
  const vectors: Record<string, Float32Array> = {};
  for (const { space, data } of row.vectors ?? []) {
    try {
      vectors[space] = unitVector(floatsOf(Buffer.from(data, 'base64')), spec.spaces[space]!);
    } catch (error) {
      if (!(error instanceof HamletError)) throw error;
      log.warn({ kind: spec.kind, ref: row.ref, space, reason: error.message }, 'stored vector left out');
    }
  }
  return vectors;
}

const floatsOf = (bytes: Buffer) =>
  new Float32Array(Uint8Array.from(bytes.subarray(0, bytes.length & ~3)).buffer);

export async function catalogueVersion(db: Database): Promise<number> {
  const [row] = await query<{ value: string }>(db, "select value from clocks where name = 'catalogue'", []);
  return Number(row?.value ?? 0);
}

/** How many items of the kind a full read passes over; for progress. */
export async function itemCount(db: Database, kind: ItemKind): Promise<number> {
  const [row] = await query<{ n: string }>(
    db,
    `select count(*) as n from items where kind = $1 and status <> ${ITEM_STATUS.placeholder}`,
    [KIND_CODE[kind]],
  );
  return Number(row?.n ?? 0);
}
