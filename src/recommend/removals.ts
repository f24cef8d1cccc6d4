import type { ItemRef } from '../catalog/types.ts';

/**
 * Which items were kept out of one list, by reason. Sources ask the rules before they bring anything, so that the
 * filters themselves have next to nothing left to take out: both note here. Only where somebody looks.
 */
export type Removals = {
  note(item: ItemRef, reason: string): void;
  /** In the order they were met: of a ranked source the best first. */
  byReason: ReadonlyMap<string, ReadonlySet<ItemRef>>;
};

export function openRemovals(): Removals {
  const byReason = new Map<string, Set<ItemRef>>();
  return {
    byReason,
    note(item, reason) {
      const known = byReason.get(reason);
      if (known) known.add(item);
      else byReason.set(reason, new Set([item]));
    },
  };
}
