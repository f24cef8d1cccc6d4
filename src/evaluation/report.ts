import { arch, cpus, platform, totalmem } from 'node:os';
import type { Figures } from './runner.ts';
import type { Sequences } from './sequences.ts';
import type { Split } from './splits.ts';

export type Protocol = 'leave-one-out' | 'leave-one-out-validation';

/** What `hamlet evaluate` writes. Figures are means over `protocol.users`, over the full catalogue. */
export type EvaluationReport = {
  dataset: Sequences['dataset'];
  protocol: {
    name: Protocol;
    k: number;
    seed: number;
    users: number;
    /** Left out: nothing to hide, or nothing left to learn from. */
    tooShort: number;
    seen: 'filtered';
    ties: 'against the model';
  };
  /** The trained model that was judged, and what it says of its own training. */
  artifact?: { kind: string; version: string; dataset: string };
  recommenders: Record<string, Figures>;
  machine: { cpu: string; cores: number; memoryGiB: number; os: string; node: string };
};

export const reportOf = (
  sequences: Sequences,
  split: Split,
  protocol: { name: Protocol; k: number; seed: number },
  recommenders: Record<string, Figures>,
  artifact?: EvaluationReport['artifact'],
): EvaluationReport => ({
  dataset: sequences.dataset,
  protocol: {
    ...protocol,
    users: split.targets.length,
    tooShort: split.tooShort,
    seen: 'filtered',
    ties: 'against the model',
  },
  ...(artifact && { artifact }),
  recommenders,
  machine: {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${platform()} ${arch()}`,
    node: process.versions.node,
  },
});
