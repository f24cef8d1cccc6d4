import { popularity } from '../../models/index.ts';
import type { OfflineRecommender } from '../types.ts';

/** The same for everyone: how many users had the item. */
export const popularityBaseline: OfflineRecommender = {
  prepare({ training }) {
    const users = Float64Array.from(popularity(training));
    return { score: (_, scores) => scores.set(users) };
  },
};
