import type { UserRef } from '../../catalog/types.ts';
import type { Scorer } from '../types.ts';

const HISTORY = 50;

/** Feature `creator`: this creator's share of what the user liked last, 1 for the most liked creator. */
export const creatorAffinity: Scorer = {
  name: 'creator',
  score(candidates, { columns, user }) {
    const weights = new Map<UserRef, number>();
    let most = 0;
    for (const { item, strength } of user.recent.slice(-HISTORY)) {
      const creator = columns.creator[item]!;
      if (!creator) continue;
      const weight = (weights.get(creator) ?? 0) + strength;
      weights.set(creator, weight);
      most = Math.max(most, weight);
    }
    if (most === 0) return;
    for (const candidate of candidates) {
      candidate.features.creator = (weights.get(columns.creator[candidate.item]!) ?? 0) / most;
    }
  },
};
