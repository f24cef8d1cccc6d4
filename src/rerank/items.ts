import { ITEM_FLAG, ITEM_STATUS, type ItemKind, type ItemRef, KIND_CODE } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import type { Sendable } from '../images/index.ts';
import type { ShownItem } from './prompt.ts';

/** Pictures that show what a model makes. */
const OF_A_MODEL = 3;

type Picture = { ref: ItemRef; url: string };
type Row = Picture & { title: string; prompt: string; tags: string[]; showcases: Picture[] };
/** `seen`: the items whose pictures they are, its own among them. */
export type SeenItem = ShownItem & { seen: ItemRef[] };

/**
 * Items as a model is to see them. One whose pictures cannot be read is left out: nothing can be said of it by its
 * looks.
 */
export async function readShown(
  db: Database,
  kind: ItemKind,
  items: readonly ItemRef[],
  sendable: Sendable,
  signal?: AbortSignal,
): Promise<SeenItem[]> {
  const rows = await query<Row>(
    db,
    `select m.ref, m.title, m.prompt, m.tags, m.url, array(
       select json_build_object('ref', i.ref, 'url', i.url) from items i
       where m.kind = ${KIND_CODE.model} and i.model_refs @> array[m.ref] and i.kind = ${KIND_CODE.image}
         and (i.flags & ${ITEM_FLAG.showcase}) <> 0 and i.status = ${ITEM_STATUS.live}
         and i.effective_level between 1 and m.effective_level
       order by i.created_at desc nulls last, i.ref limit ${OF_A_MODEL}) as showcases
     from items m where m.ref = any($1::int[]) and m.status = ${ITEM_STATUS.live}`,
    [items],
  );
  const shown = await Promise.all(
    rows.map(async ({ ref, title, prompt, tags, url, showcases }): Promise<SeenItem> => {
      const sources = new Map<string, ItemRef>();
      for (const one of [{ ref, url }, ...(kind === 'model' ? showcases : [])])
        if (one.url !== '' && !sources.has(one.url)) sources.set(one.url, one.ref);
      const wanted = [...sources].slice(0, OF_A_MODEL);
      const read = await Promise.all(
        wanted.map(async ([source, seen]) => ({
          ...{ seen, picture: await sendable(source, signal).catch(unreadable) },
        })),
      );
      const there = read.flatMap(({ seen, picture }) => (picture === null ? [] : [{ seen, picture }]));
      return {
        ...{ id: String(ref), kind, text: { title, prompt, tags } },
        pictures: there.map(({ picture }) => picture),
        seen: there.map(({ seen }) => seen),
      };
    }),
  );
  return shown.filter(({ pictures }) => pictures.length > 0);
}

function unreadable(error: unknown): null {
  if (error instanceof HamletError) return null;
  throw error;
}
