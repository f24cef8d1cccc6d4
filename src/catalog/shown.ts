import { servable } from '../safety/index.ts';
import type { Catalog } from './index.ts';
import { type ItemKind, LEVEL } from './types.ts';

/**
 * Whether the picture of an item may be shown to somebody who says nothing of themselves: never what is held back or
 * blocked. As of now, on every replica: what was decided elsewhere a moment ago counts.
 * @param clock where the catalogue stands, for a whole page of pictures at once
 * @param url only while the item shows just this
 */
export const mayShowPictures =
  (
    { columns, catchUp, cards }: Pick<Catalog, 'columns' | 'catchUp' | 'cards'>,
    clock: () => Promise<number>,
  ) =>
  async (kind: ItemKind, id: string, url?: string): Promise<boolean> => {
    await catchUp(await clock());
    const ref = columns.refOf(kind, id);
    if (ref === undefined || !servable(columns.level[ref]!, LEVEL.XXX)) return false;
    return url === undefined || (await cards([ref])).get(ref)?.url === url;
  };
