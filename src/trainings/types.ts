import type { JobStatus } from '../../schemas/sidecar.ts';

export type TrainingState = JobStatus['state'];
export type Fault = { code: string; message: string };

/** A training as callers see it. */
export type Training = {
  id: string;
  kind: string;
  spec: Record<string, unknown>;
  dataset: string | null;
  state: TrainingState;
  attempt: number;
  sidecar: string | null;
  cancelRequested: boolean;
  progress: number;
  metrics: Record<string, number>;
  log: string[];
  result: Record<string, unknown> | null;
  error: Fault | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
};

/** A training whose lease this process holds: `fence` is the right to say anything about it. */
export type Held = Training & { fence: number };

export const isFinal = (state: TrainingState): boolean => state !== 'queued' && state !== 'running';

/** How long each side believes in the other. Tests shorten it. */
export type Times = {
  /** Milliseconds the api's lease outlives its last report. */
  lease: number;
  /** Milliseconds a sidecar goes on with nobody asking: long enough for another api to take over. */
  sidecarLease: number;
  /** Between two looks at a job. */
  poll: number;
  /** A sidecar that has not answered for so long has lost its job. */
  unreachable: number;
  /** A training that finds no sidecar for so long has failed. */
  patience: number;
};
export const TIMES: Times = {
  lease: 15_000,
  sidecarLease: 60_000,
  poll: 500,
  unreachable: 10_000,
  patience: 600_000,
};
