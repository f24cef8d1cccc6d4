import { IS_CONSENTED, IS_SAFE } from '../catalog/index.ts';
import { ITEM_FLAG, ITEM_STATUS, type ItemRef, KIND_CODE } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import type { ImageLoader } from '../images/index.ts';
import type { ReadPictures } from '../models/index.ts';
import { PICTURES } from './showcases.ts';

const LOADERS = 4;

/**
 * Where the pictures of live items are: an item's own, or the newest showcases of a model that has none, of those
 * that may be learned from; what its own maker shows is there for whoever looks at the model.
 */
export async function urlsOf(db: Database, items: ItemRef[]): Promise<Map<ItemRef, string[]>> {
  const rows = await query<{ ref: ItemRef; urls: string[] }>(
    db,
    `select m.ref, case when m.url <> '' then array[m.url] else shown.urls end as urls
     from items m left join lateral (
       select array_agg(url) as urls from (
         select i.url from items i
         where m.url = '' and m.kind = ${KIND_CODE.model} and i.model_refs @> array[m.ref]
           and i.kind = ${KIND_CODE.image} and (i.flags & ${ITEM_FLAG.showcase}) <> 0
           and i.url <> '' and ${IS_SAFE} and (i.creator_ref = m.creator_ref or ${IS_CONSENTED})
         order by i.created_at desc nulls last, i.ref limit ${PICTURES}) newest
     ) shown on true
     where m.ref = any($1::int[]) and m.status = ${ITEM_STATUS.live} and (m.url <> '' or shown.urls is not null)`,
    [items],
  );
  return new Map(rows.map(({ ref, urls }) => [ref, urls]));
}

/** Squares of pixels of items, as a network of somebody else's wants them; what cannot be read is left out. */
export const readPicturesOf =
  ({ db, images }: { db: Database; images: Pick<ImageLoader, 'load'> }): ReadPictures =>
  async (items, shape, signal) => {
    const waiting = [...(await urlsOf(db, items))].flatMap(([item, urls]) =>
      urls.map((url, place) => ({ item, url, place })),
    );
    const found = new Map<ItemRef, (Uint8Array | undefined)[]>();
    const loadSome = async () => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
        try {
          const { data } = await images.load(one.url, shape, signal);
          // In the order of the catalogue, whichever is loaded first.
          const squares = found.get(one.item) ?? [];
          squares[one.place] = data;
          found.set(one.item, squares);
        } catch (error) {
          signal?.throwIfAborted();
          if (!(error instanceof HamletError)) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: LOADERS }, loadSome));
    return new Map(
      [...found].map(([item, squares]) => [item, squares.filter((square) => square !== undefined)]),
    );
  };
