import type { Static } from 'typebox';
import type { ExperimentDefinition, MetricDefinition } from '../../schemas/experiment.ts';

export type Definition = ExperimentDefinition;
export type Metric = Static<typeof MetricDefinition>;
export type Count = Metric['numerator'];
export type State = 'draft' | 'running' | 'paused' | 'stopped' | 'promoted';

export type PausedVariants = Record<string, { at: string; reason: string }>;
export type Experiment = {
  key: string;
  version: number;
  state: State;
  /** Now in force; the definition's own is where it began. */
  coverage: number;
  pausedVariants: PausedVariants;
  winner: string | null;
  /** ISO 8601; of this version. */
  startedAt: string | null;
  endedAt: string | null;
  definition: Definition;
};
export type Change = { version: number; change: string; detail: Record<string, unknown>; at: string };

/** As the impression log names a variant. */
export const labelOf = (key: string, version: number, variant: string): string =>
  `${key}@${version}:${variant}`;
/** The name under which lists interleaved of the two variants are logged. */
export const INTERLEAVED = 'interleaved';
