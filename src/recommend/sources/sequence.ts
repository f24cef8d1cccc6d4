import type { Source } from '../types.ts';
import { learnedScorer, learnedSource } from './learned.ts';

/**
 * What comes next by the sequence model in force (SASRec). Items that came after the training are unknown to it
 * and come by content.
 */
export const sequenceSource = (options: { deadline: number; pool: number }): Source =>
  learnedSource('sequence', ({ sequence }) => sequence, options);

export const sequenceScorer = learnedScorer('sequence', ({ sequence }) => sequence, {
  beside: 'all',
  temperature: 1,
});
