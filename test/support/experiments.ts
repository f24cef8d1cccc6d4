import type { Definition, Experiment } from '../../src/experiments/index.ts';
import type { Assigned } from '../../src/recommend/types.ts';

/** A definition of two halves whose second shows fewer things alike. */
export const definition = (change: Partial<Definition> = {}): Definition => ({
  hypothesis: 'Less repetition makes more of a list liked.',
  variants: [
    { key: 'control', weight: 0.5 },
    { key: 'diverse', weight: 0.5, overrides: { redundancyCost: 2 } },
  ],
  metrics: { primary: 'like-rate' },
  ...change,
});

export const experiment = (change: Partial<Experiment> = {}): Experiment => ({
  ...{ key: 'more-diverse', version: 1, state: 'running', coverage: 1, pausedVariants: {}, winner: null },
  ...{ startedAt: new Date(0).toISOString(), endedAt: null, definition: definition() },
  ...change,
});

/** Somebody of whom nothing is known but this. */
export const somebody = (id: string, known: Partial<Assigned> = {}): Assigned => ({
  ...{ id, attributes: {}, preferences: {}, seen: new Set<number>() },
  ...known,
});
