import type { ItemGraph } from '../../models/item-graph/types.ts';
import type { Scorer } from '../types.ts';

const mostPopular = new WeakMap<ItemGraph, number>();

/** Feature `popularity`: the logarithm of how many people touched it, 1 for the most popular item. */
export const popularityScorer: Scorer = {
  name: 'popularity',
  score(candidates, { graph }) {
    const most = Math.log1p(mostOf(graph));
    if (most === 0) return;
    for (const { item, features } of candidates) {
      const column = graph.columnOf(item);
      if (column >= 0) features.popularity = Math.log1p(graph.popularity[column]!) / most;
    }
  },
};

function mostOf(graph: ItemGraph): number {
  let most = mostPopular.get(graph);
  if (most === undefined) {
    most = graph.popularity.reduce((best, people) => Math.max(best, people), 0);
    mostPopular.set(graph, most);
  }
  return most;
}
