import type { ContentVectors } from '../content.ts';
import { interestsOf } from '../interests.ts';
import type { Scorer } from '../types.ts';

/**
 * Feature `interest`: likeness to the interest that an item fits best, weighed by how much of the history that
 * interest is; `taste` says the same of what that source brought, this of every candidate whose vector is in memory.
 */
export const interestScorer = (content: ContentVectors): Scorer => ({
  name: 'interest',
  score(candidates, { user }) {
    const interests = interestsOf(user.recent, content);
    if (interests.length === 0) return;
    const strongest = interests[0]!.importance;
    const asked = interests.map(({ medoid, importance }) => ({
      row: content.rowOf(medoid),
      weight: 0.5 + 0.5 * (importance / strongest),
    }));
    for (const { item, features } of candidates) {
      const row = content.rowOf(item);
      if (row < 0) continue;
      let best = 0;
      for (const { row: medoid, weight } of asked)
        best = Math.max(best, weight * content.likeness(row, medoid));
      features.interest = best;
    }
  },
});
