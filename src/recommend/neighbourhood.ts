import type { ItemRef } from '../catalog/types.ts';
import type { ItemGraph } from '../models/item-graph/types.ts';
import type { VectorHit } from '../vectors/port.ts';
import type { ContentVectors } from './content.ts';
import { nearDuplicate } from './filters/near-duplicate.ts';
import { requested } from './filters/requested.ts';
import type { ContentNeighbours } from './neighbours.ts';
import { mayShowNow } from './page.ts';
import { runStage } from './stage.ts';
import type { Candidate, Context, Degraded } from './types.ts';

/** What other people say (the graph) and what the pictures say (content), each in [0, 1]. */
const GRAPH_WEIGHT = 0.6;
const CONTENT_WEIGHT = 0.4;
/** One object for all calls: its failures are counted, so that a dead index is left alone for a while. */
const STAGE = { name: 'content', deadline: 100 };

/** Items like one item, best first, under the serving rules and what the request excludes or asks for. */
export async function neighbourhood(
  item: ItemRef,
  context: Pick<Context, 'columns' | 'graph' | 'user' | 'request'>,
  content: ContentVectors,
  neighbours: ContentNeighbours,
): Promise<{ candidates: Candidate[]; degraded: Degraded[] }> {
  const { columns, graph, user, request } = context;
  const outcome = await runStage(STAGE, async () => {
    await content.load([item]);
    if (content.rowOf(item) < 0) return [];
    return (await neighbours(request.kind, [item], request.maxLevel))[0]!;
  });
  const byContent: VectorHit[] = 'value' in outcome ? outcome.value : [];
  const found = new Map<ItemRef, Candidate>();
  for (const { id, score } of graphNeighbours(graph, item)) add(found, id, 'similar', GRAPH_WEIGHT * score);
  for (const { id, score } of byContent) add(found, id, 'taste', CONTENT_WEIGHT * Math.max(0, score));
  const mayShow = mayShowNow({ columns }, request, user);
  const wanted = requested.prepare(context);
  const candidates = [...found.values()]
    .filter((other) => other.item !== item && mayShow(other.item) && wanted(other.item))
    .sort((a, b) => b.score - a.score || a.item - b.item);
  return {
    candidates: nearDuplicate.apply(candidates, { columns }).kept,
    degraded: 'failed' in outcome ? [outcome.failed] : [],
  };
}

/** Weights divided by the strongest. */
function graphNeighbours(graph: ItemGraph, item: ItemRef): VectorHit[] {
  const column = graph.columnOf(item);
  if (column < 0) return [];
  const { offsets, columns, weights } = graph.neighbours;
  const start = offsets[column]!;
  const hits: VectorHit[] = [];
  for (let k = start; k < offsets[column + 1]! && weights[k]! > 0; k++) {
    hits.push({ id: graph.items[columns[k]!]!, score: weights[k]! / weights[start]! });
  }
  return hits;
}

function add(found: Map<ItemRef, Candidate>, item: ItemRef, source: string, score: number): void {
  const known = found.get(item);
  if (known) {
    known.sources.push(source);
    known.score += score;
  } else found.set(item, { item, sources: [source], features: {}, score, because: 0, propensity: 1 });
}
