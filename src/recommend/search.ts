import type { TextEncoder64 } from '../text/index.ts';
import type { VectorStore } from '../vectors/port.ts';
import { nearDuplicate } from './filters/near-duplicate.ts';
import { requested } from './filters/requested.ts';
import { mayShowNow } from './page.ts';
import { runStage } from './stage.ts';
import type { Candidate, Context, Degraded } from './types.ts';

/** The space that texts are encoded in. */
const TEXT_SPACE = 'text';
/** Milliseconds. */
const DEADLINE = 500;
const STAGE = { name: 'search', deadline: DEADLINE };

/** Items that fit a text, best first, under the serving rules and the tags asked for. */
export async function searchItems(
  text: string,
  context: Pick<Context, 'columns' | 'user' | 'request'>,
  encoder: TextEncoder64,
  vectors: VectorStore,
): Promise<{ candidates: Candidate[]; degraded: Degraded[] }> {
  const { columns, user, request } = context;
  const vector = encoder.encodeQuery(text);
  // A text without a word is like nothing.
  if (vector.every((value) => value === 0)) return { candidates: [], degraded: [] };
  const filter = { maxLevel: request.maxLevel, ...(request.tags.length > 0 && { tags: request.tags }) };
  const outcome = await runStage(STAGE, () =>
    vectors.search(request.kind, [{ space: TEXT_SPACE, vector, limit: 2 * request.limit + 20, filter }]),
  );
  if ('failed' in outcome) return { candidates: [], degraded: [outcome.failed] };
  const mayShow = mayShowNow({ columns }, request, user);
  const wanted = requested.prepare(context);
  const candidates = outcome.value[0]!.filter(({ id }) => mayShow(id) && wanted(id)).map(
    ({ id, score }): Candidate => ({
      ...{ item: id, sources: ['search'], features: {}, score, because: 0, propensity: 1 },
    }),
  );
  return { candidates: nearDuplicate.apply(candidates, { columns }).kept, degraded: [] };
}
