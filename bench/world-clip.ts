import type { OfflineRecommender } from '../src/evaluation/types.ts';
import { contentInMemory } from '../src/recommend/index.ts';
import { interestsOf } from '../src/recommend/interests.ts';
import { product } from './world-past.ts';

/** Newest likes that are looked at, and how they fade, a step. */
const HISTORY = 50;
const DECAY = 0.95;

/** Raw CLIP: what looks like the average of what was liked. */
export const clipMean = (vectors: Map<number, Float32Array>): OfflineRecommender => ({
  prepare: ({ training: { items } }) => ({
    score(history, scores) {
      const query = new Float32Array(vectors.values().next().value!.length);
      history.slice(-HISTORY).forEach((column, n, { length }) => {
        const vector = vectors.get(items[column]!);
        const weight = DECAY ** (length - 1 - n);
        vector?.forEach((value, d) => {
          query[d]! += weight * value;
        });
      });
      items.forEach((item, column) => {
        const vector = vectors.get(item);
        scores[column] = vector === undefined ? Number.NEGATIVE_INFINITY : product(query, vector);
      });
    },
  }),
});

/** Raw CLIP with the interests that serving sees (src/recommend/interests.ts): the likeness to the nearest one's medoid. */
export const clipPerInterest = (vectors: Map<number, Float32Array>): OfflineRecommender => ({
  prepare: ({ training: { items } }) => {
    const content = contentInMemory(vectors);
    return {
      score(history, scores) {
        const recent = Array.from(history, (column) => ({ item: items[column]!, strength: 1, at: 0 }));
        const interests = interestsOf(recent, content);
        const strongest = interests[0]?.importance ?? 1;
        items.forEach((item, column) => {
          const vector = vectors.get(item);
          scores[column] = Number.NEGATIVE_INFINITY;
          if (vector === undefined) return;
          for (const { medoid, importance } of interests) {
            const likeness = (0.5 + 0.5 * (importance / strongest)) * product(vectors.get(medoid)!, vector);
            scores[column] = Math.max(scores[column]!, likeness);
          }
        });
      },
    };
  },
});
