import type { Effect } from '../analysis/effect.ts';
import type { SrmCheck } from '../analysis/srm.ts';
import type { State } from '../types.ts';
import type { Lost, People } from './read.ts';
import type { Snapshot } from './snapshot.ts';
import type { Window } from './windows.ts';

export type MetricResult = {
  metric: string;
  role: 'primary' | 'secondary' | 'guardrail';
  better: 'higher' | 'lower';
  variant: string;
  people: [control: number, variant: number];
  plain: Effect;
  /** With what people did before taken into account; the verdict reads this one. */
  cuped: Effect & { reduction: number };
  /** Holm's over the primary and secondary metrics of all variants, at one look; null for guardrails. */
  adjustedP: number | null;
  /** The relative difference that this many people would show with power .8. */
  minimumDetectable: number | null;
};

export type GuardrailCheck = {
  metric: string;
  variant: string;
  maxHarm: number;
  /** Relative harm so far, and the least that the always-valid interval still allows. */
  harm: number;
  leastHarm: number;
  state: 'breached' | 'watched' | 'too few people';
};

/** Effects on the primary metric within a part of the people. */
export type SegmentResult = {
  segment: string;
  group: string;
  variant: string;
  people: [control: number, variant: number];
  difference: number;
  interval: [number, number];
  /** Benjamini–Hochberg over all segments. */
  adjustedP: number;
};
export type DayResult = {
  day: string;
  variant: string;
  people: [control: number, variant: number];
  difference: number;
  interval: [number, number];
  /** Of everyone who came up to that day; safe to look at daily. */
  soFar: { difference: number; sequence: [number, number] };
};

export type Verdict = {
  decision:
    | 'blocked'
    | 'no data'
    | 'too early'
    | 'better'
    | 'worse'
    | 'harmful'
    | 'no relevant difference'
    | 'undecided';
  /** The variant that the decision is about. */
  variant: string | null;
  reasons: string[];
};

export type Report = {
  experiment: string;
  version: number;
  state: State;
  mode: 'ab';
  hypothesis: string;
  period: { from: string; until: string };
  /** Over which time each variant was compared with the control, and why it ended. */
  windows: Window[];
  alpha: number;
  people: People[];
  sampleRatio: SrmCheck;
  lostEvents: Lost;
  metrics: MetricResult[];
  guardrails: GuardrailCheck[];
  overTime: DayResult[];
  /** Not planned for: ideas for the next experiment, never reasons for a verdict. */
  exploratory: SegmentResult[];
  verdicts: Verdict[];
  assumptions: string[];
  snapshot: Snapshot | null;
  seconds: number;
};
