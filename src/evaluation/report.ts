import { arch, cpus, platform, totalmem } from 'node:os';
import type { Figures } from './runner.ts';
import type { Dataset } from './sequences.ts';
import type { Split } from './splits.ts';
import type { Trained } from './trained.ts';

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
  /** Where several models of one kind were judged: mean and standard deviation over them (they differ by their seeds). */
  seeds?: Record<string, Record<string, { mean: number; sd: number; models: number }>>;
  machine: Machine;
};

export type Machine = { cpu: string; cores: number; memoryGiB: number; os: string; node: string };

export const reportOf = (
  dataset: Dataset,
  splits: Split[],
  { at, ...protocol }: { name: Protocol; k: number; seed: number; at?: number; audited?: number },
  recommenders: Record<string, Figures>,
  artifacts: Trained[],
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
    artifacts: artifacts.map(({ family, kind, version, dataset: from }) => ({
      ...{ kind: `${family}-${kind}`, version, dataset: from },
    })),
  }),
  recommenders,
  ...seedsOf(recommenders),
  machine: thisMachine(),
});

export const thisMachine = (): Machine => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  os: `${platform()} ${arch()}`,
  node: process.versions.node,
});

/** `sasrec:one`, `sasrec:two`, … are one recipe. */
function seedsOf(recommenders: Record<string, Figures>): Pick<EvaluationReport, 'seeds'> {
  const models = Object.entries(recommenders).filter(([name]) => name.includes(':'));
  const kinds = Map.groupBy(models, ([name]) => name.slice(0, name.indexOf(':')));
  if (kinds.size === 0) return {};
  const seeds = [...kinds].map(([kind, all]) => [
    kind,
    Object.fromEntries(
      Object.keys(all[0]![1].ci95).map((metric) => {
        const values = all.map(([, figures]) => figures[metric as keyof Figures] as number);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
        return [metric, { mean, sd: Math.sqrt(squares / (values.length - 1)), models: values.length }];
      }),
    ),
  ]);
  return { seeds: Object.fromEntries(seeds) };
}
