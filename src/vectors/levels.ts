/** Known levels only: 0 is held back, and nothing beyond the asked level is a level one may see. */
export const levelsUpTo = (maxLevel: number): number[] =>
  [1, 2, 4, 8, 16].filter((level) => level <= maxLevel);
