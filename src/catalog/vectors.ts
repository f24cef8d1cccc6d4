import { type Database, inTransaction } from '../db/index.ts';
import { stored } from './rows.ts';
import { nextVersion, type Queryable } from './sql.ts';
import { ITEM_STATUS, type ItemRef } from './types.ts';

/** A vector that was measured of a picture; it counts only while the item shows that picture. */
export type MeasuredVector = { ref: ItemRef; url: string; vector: Float32Array };

/**
 * Stores measured vectors beside live items, under the catalogue's clock, so that whoever follows the clock
 * carries them. An item that was changed or deleted meanwhile and a vector that a caller declared are left alone.
 * @returns the catalogue version written, 0 when there was nothing to write.
 */
export async function storeMeasured(
  db: Database,
  space: string,
  source: string,
  vectors: readonly MeasuredVector[],
): Promise<number> {
  if (vectors.length === 0) return 0;
  const rows = vectors.map(({ ref, url, vector }) => ({ ref, url, data: stored(vector) }));
  return inTransaction(db, async (client) => {
    const version = await nextVersion(client);
    await client.query({
      name: 'catalog-store-measured',
      text: `with measured as (
               select i.ref, decode(r.data, 'base64') as data
               from json_to_recordset($1::json) as r (ref int, url text, data text)
               join items i on i.ref = r.ref and i.url = r.url and i.status = ${ITEM_STATUS.live}
             ), written as (
               insert into item_vectors as v (item_ref, space, source, data)
               select ref, $2::text, $3::text, data from measured
               on conflict (item_ref, space) do update set source = excluded.source, data = excluded.data
               where v.source <> 'declared'
               returning item_ref
             )
             update items set version = $4::bigint from written where items.ref = written.item_ref`,
      values: [JSON.stringify(rows), space, source, version],
    });
    return version;
  });
}

/**
 * Removes vectors of a space that neither a caller declared nor `source` made: two encoders' vectors cannot be
 * compared. A batch at a time, so that writers wait for none.
 * @returns how many are gone and the last catalogue version written.
 */
export async function forgetOthers(
  db: Database,
  space: string,
  source: string,
): Promise<{ forgotten: number; version: number }> {
  let [forgotten, last] = [0, 0];
  for (;;) {
    const { count, version } = await inTransaction(db, async (client) => {
      const version = await nextVersion(client);
      return { count: await forgetBatch(client, space, source, version), version };
    });
    if (count === 0) return { forgotten, version: last };
    forgotten += count;
    last = version;
  }
}

const BATCH = 5_000;

async function forgetBatch(
  client: Queryable,
  space: string,
  source: string,
  version: number,
): Promise<number> {
  const { rowCount } = await client.query(
    `with gone as (
       delete from item_vectors where (item_ref, space) in (
         select item_ref, space from item_vectors
         where space = $1 and source not in ('declared', $2) limit ${BATCH})
       returning item_ref
     )
     update items set version = $3::bigint from gone where items.ref = gone.item_ref`,
    [space, source, version],
  );
  return rowCount ?? 0;
}
