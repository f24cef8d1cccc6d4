import type { ItemRef } from '../../catalog/types.ts';
import type { VectorHit } from '../../vectors/port.ts';
import type { ContentVectors } from '../content.ts';
import { eligible } from '../filters/index.ts';
import { type Interest, interestsOf } from '../interests.ts';
import type { ContentNeighbours } from '../neighbours.ts';
import { tasteHistory } from '../taste-history.ts';
import type { Context, Source, SourceHit } from '../types.ts';

/** Newest interactions whose vectors are brought into memory. */
const LOOKED_AT = 20;

/**
 * What is like the things a user liked, by content: one query an interest, not one for an average.
 * An item's score is its cosine to the interest that it fits best, weighed by that interest's
 * importance; `because` is the interest's medoid. Works for items that nobody has touched yet.
 */
export function tasteSource(options: {
  name?: string;
  deadline: number;
  pool: number;
  content: ContentVectors;
  neighbours: ContentNeighbours;
}): Source {
  const { content, neighbours, pool } = options;

  function ask(context: Context): SourceHit[] | Promise<SourceHit[]> {
    const interests = interestsOf(context.user.recent, content);
    if (interests.length === 0) return [];
    const medoids = interests.map((interest) => interest.medoid);
    const answers = neighbours(context.request.kind, medoids, context.request.maxLevel);
    return answers instanceof Promise
      ? answers.then((hits) => combine(interests, hits, context, pool))
      : combine(interests, answers, context, pool);
  }

  return {
    name: options.name ?? 'taste',
    deadline: options.deadline,
    find(context) {
      const loading = content.load(
        tasteHistory(context.user.recent)
          .slice(-LOOKED_AT)
          .map(({ item }) => item),
      );
      return loading instanceof Promise ? loading.then(() => ask(context)) : ask(context);
    },
  };
}

/** Each interest gets its share of the pool, at least a few: the smaller ones are not to be drowned. */
function combine(interests: Interest[], answers: VectorHit[][], context: Context, pool: number): SourceHit[] {
  const keeps = eligible(context);
  const best = new Map<ItemRef, SourceHit>();
  const strongest = interests[0]!.importance;
  interests.forEach((interest, i) => {
    const weight = 0.5 + 0.5 * (interest.importance / strongest);
    let left = Math.max(5, Math.round(pool * interest.importance));
    for (const { id, score } of answers[i]!) {
      if (left === 0 || score <= 0) break;
      if (!keeps(id)) continue;
      left--;
      const known = best.get(id);
      if (known === undefined) best.set(id, { item: id, score: weight * score, because: interest.medoid });
      else if (known.score < weight * score) {
        known.score = weight * score;
        known.because = interest.medoid;
      }
    }
  });
  return [...best.values()];
}
