import type { Catalog } from '../catalog/index.ts';
import type { ItemKind } from '../catalog/types.ts';
import { HamletError } from '../errors.ts';
import { emptyState } from '../events/index.ts';
import type { UserState } from '../events/types.ts';
import type { ItemGraph } from '../models/item-graph/types.ts';
import type { VectorReader } from '../vectors/port.ts';
import type { ContentVectors } from './content.ts';
import { clipped } from './explain.ts';
import { bareRequest } from './list-request.ts';
import { neighbourhood } from './neighbourhood.ts';
import type { ContentNeighbours } from './neighbours.ts';
import { mayShowNow, showEntries } from './page.ts';
import { GRAPH_MISSING } from './rank.ts';
import type { ItemList, Recommender } from './recommender.ts';
import { type QueryEncoder, searchItems } from './search.ts';
import type { Candidate, Degraded, Explanation, ListRequest } from './types.ts';

/** The answers that are made, shown and not kept: `similar` and `search`. */
export function openUnlogged(parts: {
  /** The catalogue and the user as of now or later. */
  present: (userId: string | undefined) => Promise<{ user: UserState }>;
  catalog: Pick<Catalog, 'columns' | 'cards' | 'cardNow'>;
  vectors: VectorReader;
  inSpace: () => { content: ContentVectors; neighbours: ContentNeighbours; queries: QueryEncoder[] };
  graph: (kind: ItemKind) => ItemGraph;
  graphBehind: (kind: ItemKind) => boolean;
}): Pick<Recommender, 'similar' | 'search'> {
  const { present, catalog, vectors, inSpace, graph, graphBehind } = parts;
  const { columns } = catalog;

  const similar: Recommender['similar'] = async (query) => {
    const { user } = await present(query.userId);
    const request = bareRequest(query, user, catalog);
    const item = columns.refOf(query.kind, query.id);
    const shows = mayShowNow({ columns }, request, emptyState(''));
    if (item === undefined || !shows(item))
      throw new HamletError('item-unknown', 404, 'There is no such item to be seen.', { pointer: '/id' });
    const context = { columns, graph: graph(query.kind), user, request };
    const { content, neighbours } = inSpace();
    const { candidates, degraded } = await neighbourhood(item, context, content, neighbours);
    if (graphBehind(query.kind)) degraded.push(GRAPH_MISSING);
    const title = clipped((await catalog.cards([item])).get(item)?.title || query.id);
    const known = user.seen.has(item);
    const explanation: Explanation = {
      ...{ text: `Similar to “${title}”`, source: known ? 'history' : 'attributes' },
      evidence: known ? [query.id] : [],
    };
    return answer(candidates, request, user, explanation, degraded);
  };

  const search: Recommender['search'] = async (query) => {
    const { user } = await present(query.userId);
    const request = bareRequest(query, user, catalog);
    const found = await searchItems(query.text, { columns, user, request }, inSpace().queries, vectors);
    const explanation: Explanation = {
      ...{ text: `Matches “${clipped(query.text)}”`, source: 'attributes', evidence: [] },
    };
    return answer(found.candidates, request, user, explanation, found.degraded);
  };

  async function answer(
    candidates: Candidate[],
    { kind, limit, maxLevel }: ListRequest,
    user: UserState,
    explanation: Explanation,
    degraded: Degraded[],
  ): Promise<ItemList> {
    const shown = candidates.slice(0, limit).map((entry, position) => ({ entry, position }));
    const items = await showEntries(catalog, shown, { kind, maxLevel, user });
    return { items: items.map((item) => ({ ...item, explanation })), degraded };
  }

  return { similar, search };
}
