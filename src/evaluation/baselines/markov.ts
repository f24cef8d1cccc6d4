import { popularity, transitions } from '../../models/index.ts';
import type { OfflineRecommender } from '../types.ts';

/**
 * First-order Markov chain: raw counts of what came right after the last item. Popularity divided by more
 * than its maximum lies below 1, hence below every count, and orders what was never seen to follow.
 */
export const markovBaseline: OfflineRecommender = {
  prepare({ training }) {
    const next = transitions(training, { limit: Number.POSITIVE_INFINITY, shares: false });
    const users = popularity(training);
    const most = users.reduce((max, count) => Math.max(max, count), 0);
    const below = Float64Array.from(users, (count) => count / (most + 1));
    return {
      score(history, scores) {
        scores.set(below);
        const last = history[history.length - 1]!;
        for (let k = next.offsets[last]!; k < next.offsets[last + 1]!; k++)
          scores[next.columns[k]!]! += next.weights[k]!;
      },
    };
  },
};
