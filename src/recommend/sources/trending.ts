import type { ItemRef } from '../../catalog/types.ts';
import type { UserState } from '../../events/types.ts';
import type { ItemGraph } from '../../models/item-graph/types.ts';
import { eligible } from '../filters/index.ts';
import type { Context, Source, SourceHit } from '../types.ts';

/** How far down a cluster's ranking one request looks for items it may show. */
const LOOKED_AT = 5000;
/** How fast the clusters of older history fade, a step. */
const DECAY = 0.9;

/**
 * What is rising now, per content cluster. Someone with a history gets `pool` items out of the clusters
 * of that history, by their share in it; someone new gets `coldPool` items round robin over all clusters,
 * so that the list is diverse before anything is known.
 */
export function trendingSource(options: {
  deadline: number;
  pool: number;
  coldPool: number;
  /** Treat everybody as new: for filling up lists. */
  everywhere?: boolean;
}): Source {
  const rankings = new WeakMap<ItemGraph, Int32Array[]>();
  return {
    name: 'trending',
    deadline: options.deadline,
    find(context) {
      const { graph } = context;
      if (graph.items.length === 0) return [];
      let ranking = rankings.get(graph);
      if (ranking === undefined) {
        ranking = rankClusters(graph);
        rankings.set(graph, ranking);
      }
      const shares = options.everywhere ? null : clusterShares(context.user, graph);
      return shares === null
        ? scored(roundRobin(ranking, options.coldPool, context))
        : scored(byShare(ranking, shares, options.pool, context));
    },
  };
}

/** Refs of each cluster's items, the most rising first, then the most popular. */
export function rankClusters(graph: ItemGraph): Int32Array[] {
  const order = Array.from(graph.items, (_, column) => column).sort(
    (a, b) => graph.trend[b]! - graph.trend[a]! || graph.popularity[b]! - graph.popularity[a]! || a - b,
  );
  const members: number[][] = Array.from({ length: Math.max(1, graph.clusters) }, () => []);
  for (const column of order) members[graph.cluster[column]!]!.push(graph.items[column]!);
  return members.map((refs) => Int32Array.from(refs)).filter((refs) => refs.length > 0);
}

/** How much of the recent history lies in each cluster, summing to 1; null when the graph knows none of it. */
function clusterShares(user: UserState, graph: ItemGraph): Map<number, number> | null {
  const shares = new Map<number, number>();
  let total = 0;
  let decay = 1;
  for (let i = user.recent.length - 1; i >= 0 && decay > 0.01; i--) {
    const column = graph.columnOf(user.recent[i]!.item);
    if (column < 0) continue;
    const cluster = graph.cluster[column]!;
    const weight = decay * user.recent[i]!.strength;
    shares.set(cluster, (shares.get(cluster) ?? 0) + weight);
    total += weight;
    decay *= DECAY;
  }
  if (total <= 0) return null;
  for (const [cluster, weight] of shares) shares.set(cluster, weight / total);
  return shares;
}

function byShare(ranking: Int32Array[], shares: Map<number, number>, pool: number, context: Context) {
  const keeps = eligible(context);
  const { graph } = context;
  const taken: ItemRef[][] = [];
  for (const refs of ranking) {
    const share = shares.get(graph.cluster[graph.columnOf(refs[0]!)]!) ?? 0;
    if (share > 0) taken.push(firstOf(refs, Math.max(1, Math.round(pool * share)), keeps));
  }
  return interleave(taken, pool);
}

function roundRobin(ranking: Int32Array[], pool: number, context: Context): ItemRef[] {
  const keeps = eligible(context);
  // A cluster may be dry at this level: each is asked for enough that the others can fill in.
  const each = Math.min(pool, Math.ceil((4 * pool) / ranking.length));
  return interleave(
    ranking.map((refs) => firstOf(refs, each, keeps)),
    pool,
  );
}

function firstOf(refs: Int32Array, wanted: number, keeps: (item: ItemRef) => boolean): ItemRef[] {
  const taken: ItemRef[] = [];
  for (let i = 0; i < Math.min(refs.length, LOOKED_AT) && taken.length < wanted; i++) {
    if (keeps(refs[i]!)) taken.push(refs[i]!);
  }
  return taken;
}

/** First of each, second of each… */
function interleave(lists: ItemRef[][], limit: number): ItemRef[] {
  const mixed: ItemRef[] = [];
  const longest = Math.max(0, ...lists.map((list) => list.length));
  for (let depth = 0; depth < longest; depth++) {
    for (const list of lists) {
      if (depth < list.length && mixed.length < limit) mixed.push(list[depth]!);
    }
  }
  return mixed;
}

/** Scores fall evenly from 1 by rank: the interleaving is the ranking. */
const scored = (items: ItemRef[]): SourceHit[] =>
  items.map((item, rank) => ({ item, score: 1 - rank / items.length }));
