import type { ContentSpace, ItemRef } from '../catalog/types.ts';
import type { ContentVectors } from './content.ts';
import { identifyReranked } from './digest.ts';
import type { Ranked } from './rank.ts';
import { CreatorCap, WINDOW } from './selectors/creator-cap.ts';
import type { Candidate, Context, Reranker, TopOfList } from './types.ts';

export type Look = Pick<TopOfList, 'vectorOf' | 'load'>;

/** Only CLIP's vectors can be held against words for what is seen. */
export const lookUp = (content: ContentVectors, space: ContentSpace): Look => ({
  vectorOf: (item) => (space === 'clip' && content.rowOf(item) >= 0 ? content.vectorOf(item) : undefined),
  load: (items) => content.load(items),
});

/**
 * The last stage: another order of the top. A drawn list is left as it is, for its propensities are of that very
 * order; off-policy evaluation therefore judges base orders alone. Items that are only being explored keep their
 * positions, else nothing new would ever be seen.
 */
export async function rerankTop(
  reranker: Reranker,
  { list, identity }: Ranked,
  { user, request, columns }: Pick<Context, 'user' | 'request' | 'columns'>,
  look: Look,
  mode: 'auto' | 'wait',
): Promise<Ranked> {
  list.rerank = { mode, by: null };
  if (list.draw !== null) return { list, identity };
  const began = performance.now();
  const top = list.items.slice(0, reranker.depth).filter((candidate) => !isExplored(candidate));
  const asked = reranker.opinion({ items: top, kind: request.kind, user, ...look }, mode);
  const { opinion, problem } = asked instanceof Promise ? await asked : asked;
  const { trace } = list;
  const ms = performance.now() - began;
  trace.stages.push({ stage: 'rerank', in: top.length, out: opinion?.values.size ?? 0, ms });
  trace.ms += ms;
  if (problem !== undefined) trace.degraded.push({ stage: 'rerank', code: problem });
  if (opinion === null) return { list, identity };
  const { values, ...who } = opinion;
  const renamed = identifyReranked(identity, who.version);
  trace.configDigest = renamed.digest;
  trace.versions = renamed.description.versions;
  const items = reordered(list.items, reranker.depth, values, columns.creator);
  return { list: { ...list, items, rerank: { mode, by: who } }, identity: renamed };
}

const isExplored = ({ sources }: Candidate) => sources.length === 1 && sources[0] === 'new';

/** The top by value, as far as the creator cap allows; who has no value stays behind whoever was above. */
function reordered(
  items: readonly Candidate[],
  depth: number,
  values: ReadonlyMap<ItemRef, number>,
  creators: ArrayLike<number>,
): Candidate[] {
  const order = items.slice();
  const top = items.slice(0, depth);
  const movable = (candidate: Candidate | undefined) => candidate !== undefined && values.has(candidate.item);
  const left = top.filter(movable).sort((a, b) => values.get(b.item)! - values.get(a.item)!);
  const creatorOf = ({ item }: Candidate) => creators[item]!;
  const cap = new CreatorCap();
  top.forEach((there, position) => {
    if (movable(there)) {
      const ahead = top
        .slice(position + 1, position + WINDOW)
        .filter((candidate) => !movable(candidate))
        .map(creatorOf);
      const best = left.findIndex((candidate) => cap.allows(creatorOf(candidate), ahead));
      order[position] = left.splice(Math.max(best, 0), 1)[0]!;
    }
    cap.place(creatorOf(order[position]!));
  });
  return order;
}
