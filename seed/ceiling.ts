import type { ItemName, Truth } from './truth.ts';

/** Someone liked `target` at a time (milliseconds), when `candidates` (the target among them) could be shown. */
export type HeldOutLike = { userId: string; target: ItemName; time: number; candidates: readonly ItemName[] };

/**
 * The best any recommender can do on average: each like that was held out, ranked by the planted affinity of
 * its user at its time. Ties count against it, as against every other.
 * @returns the rank of each target, 1 = best; feed them to the metrics that judge the recommenders.
 */
export const ceilingRanks = (truth: Truth, likes: readonly HeldOutLike[]): Int32Array =>
  Int32Array.from(likes, ({ userId, target, time, candidates }) => {
    const own = truth.affinity(userId, target, time);
    let rank = 0;
    for (const candidate of candidates) if (truth.affinity(userId, candidate, time) >= own) rank++;
    return rank;
  });
