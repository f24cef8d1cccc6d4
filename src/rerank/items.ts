import { ITEM_FLAG, ITEM_STATUS, type ItemKind, type ItemRef, KIND_CODE } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import type { Sendable } from '../images/index.ts';
import type { ShownItem } from './prompt.ts';

/** Pictures that show what a model makes. */
const OF_A_MODEL = 3;

type Row = { ref: ItemRef; title: string; prompt: string; tags: string[]; url: string; showcases: string[] };

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
): Promise<ShownItem[]> {
  const rows = await query<Row>(
    db,
    `select m.ref, m.title, m.prompt, m.tags, m.url, array(
       select i.url from items i
       where m.kind = ${KIND_CODE.model} and i.model_refs @> array[m.ref] and i.kind = ${KIND_CODE.image}
         and (i.flags & ${ITEM_FLAG.showcase}) <> 0 and i.status = ${ITEM_STATUS.live}
         and i.effective_level between 1 and m.effective_level
       order by i.created_at desc nulls last, i.ref limit ${OF_A_MODEL}) as showcases
     from items m where m.ref = any($1::int[]) and m.status = ${ITEM_STATUS.live}`,
    [items],
  );
  const shown = await Promise.all(
    rows.map(async ({ ref, title, prompt, tags, url, showcases }): Promise<ShownItem> => {
      const sources = [...new Set([url, ...showcases].filter((source) => source !== ''))];
      const wanted = kind === 'image' ? sources.slice(0, 1) : sources.slice(0, OF_A_MODEL);
      const pictures = await Promise.all(wanted.map((source) => sendable(source, signal).catch(unreadable)));
      return {
        id: String(ref),
        kind,
        text: { title, prompt, tags },
        pictures: pictures.filter((one) => one !== null),
      };
    }),
  );
  return shown.filter(({ pictures }) => pictures.length > 0);
}

function unreadable(error: unknown): null {
  if (error instanceof HamletError) return null;
  throw error;
}
