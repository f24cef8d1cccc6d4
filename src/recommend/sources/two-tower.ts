import type { Source } from '../types.ts';
import { learnedScorer, learnedSource } from './learned.ts';

/**
 * What a person may want by the two towers in force: the items whose vectors are nearest to the pooled history.
 * Items that came after the training are found, and counted in a history, by their content.
 */
export const twoTowerSource = (options: { deadline: number; pool: number }): Source =>
  learnedSource('two-tower', ({ towers }) => towers, options);

/**
 * Feature `tower`, of the candidates of every source. At a temperature of 1 all but the first dozen had next to
 * nothing of it, and the rest of a list was ordered by everything else (bench/world-temporal.md).
 */
export const towerScorer = learnedScorer('tower', ({ towers }) => towers, {
  beside: 'candidates',
  temperature: 4,
});
