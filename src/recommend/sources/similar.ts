import { servable } from '../../catalog/index.ts';
import type { ItemRef } from '../../catalog/types.ts';
import type { Interaction, UserState } from '../../events/types.ts';
import type { ItemGraph } from '../../models/item-graph/types.ts';
import { eligible } from '../filters/index.ts';
import { tasteHistory } from '../taste-history.ts';
import { topRows } from '../top.ts';
import type { Context, Features, Source, SourceHit } from '../types.ts';
import { NOBODY, Scratch } from './scratch.ts';

/** How far back a history speaks, and by how much each step back fades: recency is most of it. */
const HISTORY = 50;
const DECAY = 0.9;
/** Neighbours that are read of the newest items, and how fast that falls, down to MIN_ROW: older items only confirm. */
const ROW = 200;
const ROW_DECAY = 0.9;
const MIN_ROW = 16;
/** The same for "what came next": the last item says nearly all. */
const NEXT_HISTORY = 5;
const NEXT_DECAY = 0.3;
/** Newest dislikes whose neighbours are pushed down, and how hard beside a like. */
const DISLIKES = 20;
const DISLIKE_WEIGHT = 0.5;

/**
 * Items near what the user did last, by the item graph's neighbour weights (EASE, Steck 2019, or
 * co-visitation) summed over a decayed history, and items that others went to next. Features, each
 * divided by the best of the pool: `similar`, `next` and `both`, their product, which says more than
 * either (what fits the taste *and* comes next). `because` is the history item that gave most among those
 * the caller may be shown: what lies above their level counts, but cannot be named as a reason.
 */
export function similarSource(options: { deadline: number; pool: number; weights: Features }): Source {
  const scratch = new Scratch();
  return {
    name: 'similar',
    deadline: options.deadline,
    find(context) {
      const { graph, user } = context;
      scratch.reset(graph.items.length);
      const history = newestKnown(context, HISTORY);
      if (history.length === 0) return [];
      addNeighbours(scratch, graph, history);
      addTransitions(scratch, graph, history);
      subtractDislikes(scratch, graph, user);
      return best(scratch, context, history, options.pool, options.weights);
    },
  };
}

/** One interaction of the history that the graph knows; newest first. */
type Known = { item: ItemRef; column: number; strength: number; nameable: boolean };

function newestKnown({ user, graph, columns, request }: Context, limit: number): Known[] {
  const known: Known[] = [];
  const history = tasteHistory(user.recent);
  for (let i = history.length - 1; i >= 0 && known.length < limit; i--) {
    const { item, strength } = history[i] as Interaction;
    const column = graph.columnOf(item);
    const nameable = servable(columns.level[item] ?? 0, request.maxLevel);
    if (column >= 0) known.push({ item, column, strength, nameable });
  }
  return known;
}

function addNeighbours(scratch: Scratch, graph: ItemGraph, history: Known[]): void {
  let decay = 1;
  let length = ROW;
  for (let h = 0; h < history.length; h++) {
    const { column, strength, nameable } = history[h]!;
    const giver = nameable ? h : NOBODY;
    scratch.addRow(graph.neighbours, column, length, decay * strength, scratch.near, giver);
    decay *= DECAY;
    length = Math.max(MIN_ROW, Math.round(length * ROW_DECAY));
  }
}

function addTransitions(scratch: Scratch, graph: ItemGraph, history: Known[]): void {
  let decay = 1;
  for (let h = 0; h < Math.min(history.length, NEXT_HISTORY); h++) {
    const { column, strength, nameable } = history[h]!;
    const giver = nameable ? h : NOBODY;
    scratch.addRow(graph.transitions, column, ROW, decay * strength, scratch.next, giver);
    decay *= NEXT_DECAY;
  }
}

function subtractDislikes(scratch: Scratch, graph: ItemGraph, user: UserState): void {
  for (const item of user.disliked.slice(-DISLIKES)) {
    const column = graph.columnOf(item);
    if (column >= 0) scratch.addRow(graph.neighbours, column, ROW, -DISLIKE_WEIGHT, scratch.near, NOBODY);
  }
}

/** The pool: the best eligible items by both features together. Looks further only when too few are eligible. */
function best(
  scratch: Scratch,
  context: Context,
  history: Known[],
  pool: number,
  weights: Features,
): SourceHit[] {
  const { graph, user } = context;
  scratch.combine(weights);
  // The seen are many and near: taken out here, they cost no place in the pool.
  for (const item of user.seen) {
    const column = graph.columnOf(item);
    if (column < 0) continue;
    if (scratch.total[column]! > 0) context.removals?.note(item, 'seen');
    scratch.total[column] = 0;
  }
  const keeps = eligible(context);
  let columns: number[] = [];
  for (let looked = pool; ; looked *= 4) {
    topRows(scratch.touched, scratch.count, scratch.total, looked);
    columns = [];
    const end = Math.min(looked, scratch.count);
    for (let i = 0; i < end && columns.length < pool; i++) {
      const column = scratch.touched[i]!;
      if (scratch.total[column]! > 0 && keeps(graph.items[column]!)) columns.push(column);
    }
    const more = end < scratch.count && scratch.total[scratch.touched[end - 1]!]! > 0;
    // A few missing are not worth a longer look.
    if (columns.length >= pool / 2 || !more) break;
  }
  return toHits(scratch, columns, graph, history);
}

function toHits(scratch: Scratch, columns: number[], graph: ItemGraph, history: Known[]): SourceHit[] {
  const { near, next, giver } = scratch;
  let topNear = 1e-9;
  let topNext = 1e-9;
  for (const column of columns) {
    topNear = Math.max(topNear, near[column]!);
    topNext = Math.max(topNext, next[column]!);
  }
  return columns.map((column) => {
    const similar = Math.max(0, near[column]!) / topNear;
    const after = next[column]! / topNext;
    const from = giver[column]!;
    return {
      item: graph.items[column]!,
      score: similar,
      because: from < 0 ? 0 : history[from]!.item,
      features: { similar, next: after, both: similar * after },
    };
  });
}
