import type { ItemRef } from '../../catalog/types.ts';
import type { ContentVectors } from '../content.ts';
import type { Candidate, Context, Selection, Selector } from '../types.ts';
import { DiverseList } from './diverse-list.ts';
import { type DrawOptions, drawOrder } from './draw.ts';
import { exploreSlots } from './slots.ts';

export type DiverseOptions = DrawOptions & {
  content: ContentVectors;
  /** What full likeness to everything just above costs, in units of the mean score of the best SCALE candidates. */
  redundancyCost: number;
  exploreShare: number;
};

/**
 * Marginal relevance (MMR, Carbonell & Goldstein 1998) with a fading window: each position goes to the
 * best of `score − cost × likeness`, likeness being the mean cosine to the items above, weighted by
 * FADE a position. A mean rather than MMR's greatest cosine: with the greatest, a taste of which one
 * item is in view counts as served, and the stronger taste takes all the rest. Under the creator cap,
 * with some positions kept for the source `new`. In a share of lists the top is then drawn (draw.ts).
 */
export function diverseSelector(options: DiverseOptions): Selector {
  return {
    name: 'diverse',
    select(candidates, depth, context) {
      const { explored, ranked } = split(candidates);
      const list = new DiverseList(ranked, options, context);
      const slots = exploreSlots(depth, options.exploreShare);
      const fixed = new Set<number>();
      while (list.items.length < depth) {
        const wantsNew = slots.has(list.items.length) || list.waiting === 0;
        const fresh = wantsNew ? explored.findIndex((candidate) => list.allows(candidate)) : -1;
        if (fresh >= 0) {
          fixed.add(list.items.length);
          list.place(explored.splice(fresh, 1)[0]!);
        } else if (!list.placeBest()) break;
      }
      const crowded = list.items.length < depth ? list.left() : [];
      return drawn(options, list.items, fixed, crowded, context);
    },
  };
}

/** What only exploration brought goes to its own positions; the rest compete by score. */
function split(candidates: Candidate[]): { explored: Candidate[]; ranked: Candidate[] } {
  const explored: Candidate[] = [];
  const ranked: Candidate[] = [];
  for (const candidate of candidates) {
    const isNew = candidate.sources.length === 1 && candidate.sources[0] === 'new';
    (isNew ? explored : ranked).push(candidate);
  }
  // In the order they were drawn, so that which of them are placed is chance too.
  explored.sort((a, b) => b.features.new! - a.features.new!);
  return { explored, ranked };
}

function drawn(
  options: DiverseOptions,
  items: Candidate[],
  fixed: Set<number>,
  crowded: Candidate[],
  context: Context,
): Selection {
  const removed = crowded.map(({ item }): { item: ItemRef; reason: string } => ({
    item,
    reason: 'creator-cap',
  }));
  if (context.random.next() >= options.drawShare || items.length < 2) return { items, removed, draw: null };
  const { order, draw } = drawOrder(items, fixed, options, context);
  return { items: order, removed, draw };
}
