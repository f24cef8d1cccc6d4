import { covisitation } from '../../models/index.ts';
import type { OfflineRecommender } from '../types.ts';

/** Sum of the cosines to every item of the whole history, over all neighbours (Sarwar et al. 2001). */
export const itemKnnBaseline: OfflineRecommender = {
  prepare({ training }, progress) {
    const everything = { shrink: 0, limit: Number.POSITIVE_INFINITY, history: Number.POSITIVE_INFINITY };
    const cosines = covisitation(training, everything, progress);
    return {
      score(history, scores) {
        scores.fill(0);
        for (const item of history)
          for (let k = cosines.offsets[item]!; k < cosines.offsets[item + 1]!; k++)
            scores[cosines.columns[k]!]! += cosines.weights[k]!;
      },
    };
  },
};
