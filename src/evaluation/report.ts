import { arch, cpus, platform, totalmem } from 'node:os';
import type { SequenceArtifact } from '../models/index.ts';
import type { Figures } from './runner.ts';
import type { Dataset } from './sequences.ts';
import type { Split } from './splits.ts';

export type Protocol = 'leave-one-out' | 'leave-one-out-validation' | 'temporal' | 'replay';

/** What `hamlet evaluate` writes. Figures are means over `protocol.users`, over the full catalogue. */
export type EvaluationReport = {
  dataset: Dataset;
  protocol: {
    name: Protocol;
    k: number;
    seed: number;
    /** ISO 8601, where a moment parts what is known from what is asked. */
    at?: string;
    users: number;
    /** More than users where one is asked more than once. */
    questions: number;
    /** Lists of the pipeline that were made again over a platform that ended when they were asked for. */
    audited?: number;
    /** Left out: nothing to hide, or nothing left to learn from. */
    tooShort: number;
    seen: 'filtered';
    ties: 'against the model';
  };
  /** The trained models that were judged, and what they say of their own training. */
  artifacts?: { kind: string; version: string; dataset: string }[];
  recommenders: Record<string, Figures>;
  machine: { cpu: string; cores: number; memoryGiB: number; os: string; node: string };
};

export const reportOf = (
  dataset: Dataset,
  splits: Split[],
  { at, ...protocol }: { name: Protocol; k: number; seed: number; at?: number; audited?: number },
  recommenders: Record<string, Figures>,
  artifacts: SequenceArtifact[],
): EvaluationReport => ({
  dataset,
  protocol: {
    ...protocol,
    ...(at !== undefined && { at: new Date(at).toISOString() }),
    users: new Set(splits.flatMap(({ questions }) => questions.map(({ user }) => user))).size,
    questions: splits.reduce((sum, { questions }) => sum + questions.length, 0),
    tooShort: splits[0]!.tooShort,
    seen: 'filtered',
    ties: 'against the model',
  },
  ...(artifacts.length > 0 && {
    artifacts: artifacts.map(({ kind, version, dataset: from }) => ({
      ...{ kind: `sasrec-${kind}`, version, dataset: from },
    })),
  }),
  recommenders,
  machine: {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${platform()} ${arch()}`,
    node: process.versions.node,
  },
});
