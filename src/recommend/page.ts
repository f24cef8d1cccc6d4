import { type Catalog, servable } from '../catalog/index.ts';
import type { ItemCard, ItemRef } from '../catalog/types.ts';
import type { UserState } from '../events/types.ts';
import { explain, stated } from './explain.ts';
import { eligible, SERVING_RULES } from './filters/index.ts';
import type { ListEntry, StoredList } from './stored-list.ts';
import type { Context, PageItem, Reason } from './types.ts';

type Reasons = Map<ItemRef, Reason> | Promise<Map<ItemRef, Reason>>;

/** Positions of a stored list that make up a page, and where the next one begins (null: the list is over). */
export type PagePositions = { positions: number[]; next: number | null };

/**
 * The next `limit` entries from `offset` that may be shown now. What was deleted, hidden or raised in
 * level since the list was made is left out; positions stay those of the list, so pages never overlap.
 */
export function pagePositions(
  list: StoredList,
  offset: number,
  limit: number,
  mayShow: (item: ItemRef) => boolean,
): PagePositions {
  const positions: number[] = [];
  for (let position = offset; position < list.entries.length; position++) {
    if (!mayShow(list.entries[position]!.item)) continue;
    if (positions.length === limit) return { positions, next: position };
    positions.push(position);
  }
  return { positions, next: null };
}

/** What holds whenever something is shown, whenever it was chosen (safety first of all). */
export const mayShowNow = (
  parts: Pick<Context, 'columns'>,
  request: Pick<Context['request'], 'kind' | 'maxLevel'>,
  user: UserState,
): ((item: ItemRef) => boolean) =>
  eligible(
    {
      columns: parts.columns,
      user,
      request: { ...request, userId: user.id, limit: 0, surface: '', exclude: new Set(), tags: [] },
    },
    SERVING_RULES,
  );

/** Entries as callers see them, each with its reason. An entry whose item has just gone is left out. */
export async function showEntries(
  catalog: Pick<Catalog, 'columns' | 'cards' | 'cardNow'>,
  shown: { entry: ListEntry; position: number }[],
  about: { kind: StoredList['kind']; maxLevel: number; user: UserState },
  reasonsFor: (items: ItemRef[], mayName: (item: ItemRef) => boolean) => Reasons = () => new Map(),
): Promise<PageItem[]> {
  const cards = await cardsOf(
    catalog,
    shown.flatMap(({ entry }) => (entry.because === 0 ? [entry.item] : [entry.item, entry.because])),
  );
  const { columns } = catalog;
  const { kind, maxLevel, user } = about;
  const mayName = nameable(catalog, maxLevel);
  const reasons = await reasonsFor(
    shown.map(({ entry }) => entry.item),
    mayName,
  );
  // Looked up after the waits: what was deleted meanwhile is not shown.
  const mayShow = mayShowNow({ columns }, { kind, maxLevel }, user);
  const context = { kind, user, columns, cardOf: (item: ItemRef) => cards.get(item), mayName };
  return shown.flatMap(({ entry, position }) => {
    const card = cards.get(entry.item);
    if (card === undefined || !mayShow(entry.item)) return [];
    const { id, title, url } = card;
    const explanation = stated(reasons.get(entry.item), context) ?? explain(entry, context);
    const score = Math.round(entry.score * 1e4) / 1e4;
    return [{ id, kind, title, url, position, score, sources: entry.sources, explanation }];
  });
}

const nameable =
  ({ columns }: Pick<Catalog, 'columns'>, maxLevel: number) =>
  (item: ItemRef) =>
    servable(columns.level[item] ?? 0, maxLevel);

async function cardsOf(
  catalog: Pick<Catalog, 'cards' | 'cardNow'>,
  items: ItemRef[],
): Promise<Map<ItemRef, ItemCard>> {
  const cards = new Map<ItemRef, ItemCard>();
  const missing: ItemRef[] = [];
  for (const item of items) {
    const card = catalog.cardNow(item);
    if (card === undefined) missing.push(item);
    else cards.set(item, card);
  }
  if (missing.length > 0) for (const [item, card] of await catalog.cards(missing)) cards.set(item, card);
  return cards;
}
