import { ITEM_FLAG, ITEM_STATUS, type ItemRef, KIND_CODE } from '../catalog/types.ts';
import { query } from '../db/index.ts';
import type { EmbeddingParts } from './batch.ts';

/** Pictures that stand for a model at most, the newest. */
export const PICTURES = 9;
const BATCH = 200;

/**
 * Models that have no picture of their own are seen by the pictures that show what they make: the mean of
 * their vectors.
 * @returns how many models got a vector
 */
export async function embedByShowcases({ db, catalog, encoder }: EmbeddingParts): Promise<number> {
  const rows = await query<{ ref: ItemRef; vectors: Buffer[] }>(
    db,
    `select m.ref, shown.vectors from items m cross join lateral (
       select array_agg(data) as vectors from (
         select v.data from items i
         join item_vectors v on v.item_ref = i.ref and v.space = 'clip' and v.source in ('declared', $1)
         where i.model_refs @> array[m.ref] and i.kind = ${KIND_CODE.image} and (i.flags & ${ITEM_FLAG.showcase}) <> 0
           and i.status = ${ITEM_STATUS.live} and length(v.data) = $2
         order by i.created_at desc nulls last, i.ref limit ${PICTURES}) newest
     ) shown
     where m.kind = ${KIND_CODE.model} and m.status = ${ITEM_STATUS.live} and m.url = '' and shown.vectors is not null
       and not exists (select 1 from item_vectors v where v.item_ref = m.ref and v.space = 'clip')
     limit ${BATCH}`,
    [encoder.id, encoder.dims * 4],
  );
  const measured = rows.map(({ ref, vectors }) => ({ ref, url: '', vector: meanOf(vectors, encoder.dims) }));
  await catalog.storeMeasured('clip', encoder.id, measured);
  return measured.length;
}

/** Unit length; opposite vectors would cancel out, then the first stands for all. */
function meanOf(vectors: Buffer[], dims: number): Float32Array {
  const sum = new Float64Array(dims);
  for (const vector of vectors) for (let d = 0; d < dims; d++) sum[d] = sum[d]! + vector.readFloatLE(d * 4);
  const length = Math.hypot(...sum);
  return Float32Array.from(sum, (value, d) =>
    length > 1e-9 ? value / length : vectors[0]!.readFloatLE(d * 4),
  );
}
