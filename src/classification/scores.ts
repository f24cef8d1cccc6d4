import type { Scores } from '../safety/index.ts';

/** Of several pictures of one item the highest probability of each class: one unsafe frame is enough. */
export function highest(all: readonly Scores[]): Scores {
  const result: Scores = {};
  for (const scores of all)
    for (const [name, score] of Object.entries(scores)) result[name] = Math.max(result[name] ?? 0, score);
  return result;
}

export const isUsable = (scores: Scores): boolean =>
  Object.values(scores).every((score) => Number.isFinite(score) && score >= 0 && score <= 1);
