import type { ItemRef } from '../../catalog/types.ts';
import { type ContentVectors, rowSimilarity } from '../content.ts';
import type { Candidate, Context, Selection, Selector } from '../types.ts';
import { CreatorCap } from './creator-cap.ts';
import { type DrawOptions, drawOrder } from './draw.ts';
import { exploreSlots } from './slots.ts';

/** How many of the best not yet placed compete for a position, and how many above it they must differ from. */
const COMPETING = 12;
const REMEMBERED = 8;

export type DiverseOptions = DrawOptions & {
  content: ContentVectors;
  /** What full likeness to something just above costs, in units of the best candidate's score. */
  redundancyCost: number;
  exploreShare: number;
};

/**
 * Maximal marginal relevance (Carbonell & Goldstein 1998) with a moving window: each position goes to
 * the best of `score − cost × greatest cosine to the last few above`, under the creator cap, with some
 * positions kept for the source `new`. In a share of the lists the top is then drawn (draw.ts).
 */
export function diverseSelector(options: DiverseOptions): Selector {
  return {
    name: 'diverse',
    select(candidates, depth, context) {
      const { explored, ranked } = split(candidates);
      const list = new List(options, context, ranked[0]?.score ?? 0);
      const slots = exploreSlots(depth, options.exploreShare);
      const fixed = new Set<number>();
      const waiting = ranked.slice();
      while (list.items.length < depth) {
        const wantsNew = slots.has(list.items.length) || waiting.length === 0;
        const fresh = wantsNew ? explored.findIndex((candidate) => list.allows(candidate)) : -1;
        if (fresh >= 0) {
          fixed.add(list.items.length);
          list.place(explored.splice(fresh, 1)[0]!);
          continue;
        }
        const next = list.bestOf(waiting, context.request.limit);
        if (next < 0) break;
        list.place(waiting.splice(next, 1)[0]!);
      }
      const crowded = list.items.length < depth ? waiting : [];
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

class List {
  readonly items: Candidate[] = [];
  readonly #cap = new CreatorCap();
  readonly #rows: number[] = [];
  /** Greatest cosine to what was placed, of candidates that have competed. */
  readonly #likeness = new Map<Candidate, number>();
  readonly #options: DiverseOptions;
  readonly #context: Context;
  readonly #cost: number;

  constructor(options: DiverseOptions, context: Context, topScore: number) {
    this.#options = options;
    this.#context = context;
    this.#cost = options.redundancyCost * topScore;
  }

  allows(candidate: Candidate): boolean {
    return this.#cap.allows(this.#context.columns.creator[candidate.item]!);
  }

  place(candidate: Candidate): void {
    this.items.push(candidate);
    this.#cap.place(this.#context.columns.creator[candidate.item]!);
    const { content } = this.#options;
    const row = content.rowOf(candidate.item);
    this.#rows.push(row);
    this.#likeness.delete(candidate);
    if (row < 0) return;
    for (const [other, likeness] of this.#likeness) {
      const otherRow = content.rowOf(other.item);
      if (otherRow < 0) continue;
      const s = rowSimilarity(content.matrix, content.dims, row, otherRow);
      if (s > likeness) this.#likeness.set(other, s);
    }
  }

  /**
   * Index of the next item in `waiting` (best first), or -1. When the cap lets nobody through, a list
   * shorter than the page asked for takes the best all the same: fewer items would be worse.
   */
  bestOf(waiting: Candidate[], limit: number): number {
    let best = -1;
    let bestValue = Number.NEGATIVE_INFINITY;
    let competing = 0;
    for (let i = 0; i < waiting.length && competing < COMPETING; i++) {
      const candidate = waiting[i]!;
      if (!this.allows(candidate)) continue;
      competing++;
      const value = candidate.score - this.#cost * this.#likenessOf(candidate);
      if (value > bestValue) {
        bestValue = value;
        best = i;
      }
    }
    return best >= 0 || waiting.length === 0 ? best : this.items.length < limit ? 0 : -1;
  }

  #likenessOf(candidate: Candidate): number {
    const known = this.#likeness.get(candidate);
    if (known !== undefined) return known;
    const { content } = this.#options;
    const row = content.rowOf(candidate.item);
    let likeness = 0;
    for (let i = Math.max(0, this.#rows.length - REMEMBERED); row >= 0 && i < this.#rows.length; i++) {
      if (this.#rows[i]! >= 0)
        likeness = Math.max(likeness, rowSimilarity(content.matrix, content.dims, row, this.#rows[i]!));
    }
    this.#likeness.set(candidate, likeness);
    return likeness;
  }
}
