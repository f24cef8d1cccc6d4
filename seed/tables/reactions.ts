import type { ItemKind } from '../../src/catalog/types.ts';
import type { World } from '../world.ts';

/** How many events of a type each item has had: what a platform shows beside it. */
export function reactionsOf({ events }: World, kind: ItemKind): (id: string, type: string) => number {
  const counts = new Map<string, number>();
  for (const { itemKind, itemId, type } of events)
    if (itemKind === kind) counts.set(`${type} ${itemId}`, (counts.get(`${type} ${itemId}`) ?? 0) + 1);
  return (id, type) => counts.get(`${type} ${id}`) ?? 0;
}
