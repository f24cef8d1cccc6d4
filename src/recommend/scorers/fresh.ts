import type { Scorer } from '../types.ts';

const HALF_LIFE_MS = 30 * 86_400_000;

/** Feature `fresh`: 1 for what was made just now, half of that a month later; none where nobody said when. */
export const freshnessScorer: Scorer = {
  name: 'fresh',
  score(candidates, { columns, now }) {
    for (const { item, features } of candidates) {
      const made = columns.created[item]! * 1000;
      if (made > 0) features.fresh = 2 ** (-Math.max(0, now - made) / HALF_LIFE_MS);
    }
  },
};
