import type { ContentSpace, ItemRef } from '../catalog/types.ts';
import type { VectorHit, VectorReader } from '../vectors/port.ts';
import { nearDuplicate } from './filters/near-duplicate.ts';
import { requested } from './filters/requested.ts';
import { mayShowNow } from './page.ts';
import { runStage } from './stage.ts';
import type { Candidate, Context, Degraded } from './types.ts';

/** A text as a vector of one content space; all zero when the text says nothing there. */
export type QueryEncoder = {
  space: ContentSpace;
  encode(text: string): Float32Array | Promise<Float32Array>;
};

/** Milliseconds. */
const DEADLINE = 500;
/** Nearly three times the spread of cosines of texts that share no word, in 64 dimensions (1/√64). */
const LEAST_LIKENESS = 0.35;
/** Each space fails, is late and rests by itself. */
const STAGES = {
  text: { name: 'search', deadline: DEADLINE },
  clip: { name: 'search-clip', deadline: DEADLINE },
} satisfies Record<ContentSpace, object>;

/** Items that fit a text in any of the spaces, best first, under the serving rules and the tags asked for. */
export async function searchItems(
  text: string,
  context: Pick<Context, 'columns' | 'user' | 'request'>,
  encoders: QueryEncoder[],
  vectors: VectorReader,
): Promise<{ candidates: Candidate[]; degraded: Degraded[] }> {
  const { columns, user, request } = context;
  const filter = { maxLevel: request.maxLevel, ...(request.tags.length > 0 && { tags: request.tags }) };
  const limit = 2 * request.limit + 20;
  const outcomes = await Promise.all(
    encoders.map(({ space, encode }) =>
      runStage(STAGES[space], async () => {
        const vector = await encode(text);
        if (vector.every((value) => value === 0)) return [];
        return (await vectors.search(request.kind, [{ space, vector, limit, filter }]))[0]!;
      }),
    ),
  );
  const mayShow = mayShowNow({ columns }, request, user);
  const wanted = requested.prepare(context);
  const lists = outcomes.map((outcome, i) => {
    if ('failed' in outcome) return [];
    // Alone, words that hardly fit are better than nothing; beside pictures that fit they are noise.
    const least = encoders.length > 1 && encoders[i]!.space === 'text' ? LEAST_LIKENESS : -1;
    return outcome.value.filter(({ score }) => score >= least);
  });
  const found = fuse(lists.filter((list) => list.length > 0));
  const candidates = found
    .filter(({ id }) => mayShow(id) && wanted(id))
    .map(
      ({ id, score }): Candidate => ({
        ...{ item: id, sources: ['search'], features: {}, score, because: 0, propensity: 1 },
      }),
    );
  return {
    candidates: nearDuplicate.apply(candidates, { columns }).kept,
    degraded: outcomes.flatMap((outcome) => ('failed' in outcome ? [outcome.failed] : [])),
  };
}

/** Reciprocal rank fusion (Cormack et al. 2009), their k. */
const RANK_OFFSET = 60;

/** Cosines of several spaces do not compare, ranks do; the score of several is 1 for what is first in all. */
function fuse(lists: VectorHit[][]): VectorHit[] {
  if (lists.length < 2) return lists[0] ?? [];
  const scores = new Map<ItemRef, number>();
  for (const list of lists)
    list.forEach(({ id }, rank) => {
      const part = (RANK_OFFSET + 1) / (RANK_OFFSET + 1 + rank) / lists.length;
      scores.set(id, (scores.get(id) ?? 0) + part);
    });
  return [...scores].map(([id, score]) => ({ id, score })).sort((a, b) => b.score - a.score || a.id - b.id);
}
