import type { ItemRef } from '../../catalog/types.ts';
import type { Interaction, UserState } from '../../events/types.ts';
import type { ItemGraph, SparseRows } from '../../models/item-graph/types.ts';
import { eligible } from '../filters/index.ts';
import { topRows } from '../top.ts';
import type { Context, Features, Source, SourceHit } from '../types.ts';

/** How far back a history speaks, and by how much each step back fades: recency is most of it. */
const HISTORY = 50;
const DECAY = 0.9;
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
 * either (what fits the taste *and* comes next). `because` is the history item that gave most.
 */
export function similarSource(options: { deadline: number; pool: number; weights: Features }): Source {
  const scratch = new Scratch();
  return {
    name: 'similar',
    deadline: options.deadline,
    find(context) {
      const { graph, user } = context;
      scratch.reset(graph.items.length);
      const history = newestKnown(user, graph, HISTORY);
      if (history.length === 0) return [];
      addNeighbours(scratch, graph, history);
      addTransitions(scratch, graph, history);
      subtractDislikes(scratch, graph, user);
      return best(scratch, context, history, options.pool, options.weights);
    },
  };
}

/** One interaction of the history that the graph knows; newest first. */
type Known = { item: ItemRef; column: number; strength: number };

function newestKnown(user: UserState, graph: ItemGraph, limit: number): Known[] {
  const known: Known[] = [];
  for (let i = user.recent.length - 1; i >= 0 && known.length < limit; i--) {
    const { item, strength } = user.recent[i] as Interaction;
    const column = graph.columnOf(item);
    if (column >= 0) known.push({ item, column, strength });
  }
  return known;
}

function addNeighbours(scratch: Scratch, graph: ItemGraph, history: Known[]): void {
  let decay = 1;
  for (let h = 0; h < history.length; h++) {
    scratch.addRow(graph.neighbours, history[h]!.column, decay * history[h]!.strength, scratch.near, h);
    decay *= DECAY;
  }
}

function addTransitions(scratch: Scratch, graph: ItemGraph, history: Known[]): void {
  let decay = 1;
  for (let h = 0; h < Math.min(history.length, NEXT_HISTORY); h++) {
    scratch.addRow(graph.transitions, history[h]!.column, decay * history[h]!.strength, scratch.next, h);
    decay *= NEXT_DECAY;
  }
}

function subtractDislikes(scratch: Scratch, graph: ItemGraph, user: UserState): void {
  for (const item of user.disliked.slice(-DISLIKES)) {
    const column = graph.columnOf(item);
    if (column >= 0) scratch.addRow(graph.neighbours, column, -DISLIKE_WEIGHT, scratch.near, -1);
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
  const keeps = eligible(context);
  scratch.combine(weights);
  for (let looked = pool + user.seen.size; ; looked *= 4) {
    topRows(scratch.touched, scratch.count, scratch.total, looked);
    const hits: SourceHit[] = [];
    let topNear = 1e-9;
    let topNext = 1e-9;
    for (let i = 0; i < Math.min(looked, scratch.count) && hits.length < pool; i++) {
      const column = scratch.touched[i]!;
      if (scratch.total[column]! <= 0) break;
      const item = graph.items[column]!;
      if (!keeps(item)) continue;
      const near = Math.max(0, scratch.near[column]!);
      const next = scratch.next[column]!;
      topNear = Math.max(topNear, near);
      topNext = Math.max(topNext, next);
      const from = scratch.giver[column]!;
      hits.push({
        item,
        score: near,
        because: from < 0 ? 0 : history[from]!.item,
        features: { similar: near, next, both: 0 },
      });
    }
    if (hits.length < pool && looked < scratch.count) continue;
    for (const hit of hits) {
      hit.score /= topNear;
      hit.features!.similar = hit.score;
      hit.features!.next! /= topNext;
      hit.features!.both = hit.score * hit.features!.next!;
    }
    return hits;
  }
}

/** Accumulators over the graph's columns, reused by every request: a request fills and reads them in one go. */
class Scratch {
  near = new Float32Array(0);
  next = new Float32Array(0);
  total = new Float32Array(0);
  /** The largest single contribution and the history position it came from (-1: none). */
  given = new Float32Array(0);
  giver = new Int32Array(0);
  /** The columns in use, in [0, count). */
  touched = new Int32Array(0);
  count = 0;

  reset(columns: number): void {
    if (this.near.length < columns) {
      this.near = new Float32Array(columns);
      this.next = new Float32Array(columns);
      this.total = new Float32Array(columns);
      this.given = new Float32Array(columns);
      this.giver = new Int32Array(columns).fill(-2);
      this.touched = new Int32Array(columns);
    } else {
      for (let i = 0; i < this.count; i++) this.giver[this.touched[i]!] = -2;
    }
    this.count = 0;
  }

  /** Adds `weight` × row `row` of `rows` to `sums`. Rows hold their strongest first. */
  addRow(rows: SparseRows, row: number, weight: number, sums: Float32Array, from: number): void {
    const { columns, weights } = rows;
    const { near, next, given, giver, touched } = this;
    const end = rows.offsets[row + 1]!;
    let { count } = this;
    for (let k = rows.offsets[row]!; k < end; k++) {
      const column = columns[k]!;
      if (giver[column] === -2) {
        near[column] = 0;
        next[column] = 0;
        given[column] = 0;
        giver[column] = -1;
        touched[count++] = column;
      }
      const value = weight * weights[k]!;
      sums[column]! += value;
      if (value > given[column]!) {
        given[column] = value;
        giver[column] = from;
      }
    }
    this.count = count;
  }

  /** What the blend will say, near enough to choose the pool by it. */
  combine(weights: Features): void {
    const { near, next, total, touched, count } = this;
    let topNear = 1e-9;
    let topNext = 1e-9;
    for (let i = 0; i < count; i++) {
      topNear = Math.max(topNear, near[touched[i]!]!);
      topNext = Math.max(topNext, next[touched[i]!]!);
    }
    const { similar = 0, next: after = 0, both = 0 } = weights;
    for (let i = 0; i < count; i++) {
      const column = touched[i]!;
      const n = Math.max(0, near[column]!) / topNear;
      const x = next[column]! / topNext;
      total[column] = similar * n + after * x + both * n * x;
    }
  }
}
