import { type Catalog, servable } from '../catalog/index.ts';
import type { ItemKind } from '../catalog/types.ts';
import type { Removals } from './removals.ts';

/** Items named for each reason; the rest is counted. */
const NAMED = 24;

export type Removed = {
  reason: string;
  count: number;
  items: { kind: ItemKind; id: string; title: string; url: string }[];
};

/** What was kept out of a list, with names as far as the level asked for allows: what is held back stays a number. */
export async function removedItems(
  { columns, cards }: Pick<Catalog, 'columns' | 'cards'>,
  { byReason }: Removals,
  maxLevel: number,
): Promise<Removed[]> {
  const named = [...byReason].map(([reason, refs]) => ({
    ...{ reason, count: refs.size },
    refs: [...refs].filter((ref) => servable(columns.level[ref] ?? 0, maxLevel)).slice(0, NAMED),
  }));
  const known = await cards(named.flatMap(({ refs }) => refs));
  return named.map(({ reason, count, refs }) => ({
    ...{ reason, count },
    items: refs.flatMap((ref) => {
      const card = known.get(ref);
      return card ? [{ kind: card.kind, id: card.id, title: card.title, url: card.url }] : [];
    }),
  }));
}
