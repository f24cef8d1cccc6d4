import { join } from 'node:path';
import type { ExperimentSnapshot } from '../../schemas/experiment-snapshot.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/index.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Log } from '../log.ts';
import type { ItemGraphs } from '../models/index.ts';
import type { Assign } from '../recommend/types.ts';
import { type Breach, pauseHarmful, watchGuardrails } from './guardrails.ts';
import { openLive } from './live.ts';
import { type OffPolicy, openOffPolicy } from './off-policy/index.ts';
import { reportOn } from './report/index.ts';
import { type InterleavingReport, interleavingReportOn } from './report/interleaving.ts';
import { type Plan, planOf } from './report/plan.ts';
import { openFile, readManifest } from './report/stored-snapshot.ts';
import type { Report } from './report/types.ts';
import { putExperiment } from './store/put.ts';
import { changesOf, getExperiment, getVersion, listExperiments } from './store/read.ts';
import {
  demoteVariant,
  pauseExperiment,
  promoteVariant,
  rampExperiment,
  startExperiment,
  stopExperiment,
} from './store/states.ts';
import type { Change, Definition, Experiment } from './types.ts';

export { type CheckReport, checkHarness } from './check/index.ts';
export type { InterleavingReport } from './report/interleaving.ts';
export type { Report } from './report/types.ts';
export type { Definition, Experiment } from './types.ts';

/** Experiments as data. Changes are in force here at once, on other replicas within a second. */
export type Experiments = {
  assign: Assign;
  list(): Promise<Experiment[]>;
  get(key: string): Promise<Experiment>;
  put(key: string, definition: Definition): Promise<{ experiment: Experiment; created: boolean }>;
  start(key: string): Promise<Experiment>;
  pause(key: string, variant?: string, reason?: string): Promise<Experiment>;
  ramp(key: string, coverage: number): Promise<Experiment>;
  stop(key: string): Promise<Experiment>;
  promote(key: string, variant: string): Promise<Experiment>;
  demote(key: string): Promise<Experiment>;
  changes(key: string): Promise<Change[]>;
  /** Of the version in force, or of one that ran before. Its data is kept as a snapshot. */
  report(key: string, version?: number): Promise<Report | InterleavingReport>;
  /** What a report was computed from: what it holds, and one of its files. */
  snapshot(key: string, digest: string): Promise<ExperimentSnapshot>;
  snapshotFile(key: string, digest: string, file: string): ReturnType<typeof openFile>;
  /** @param days of the default pipeline's lists to learn the spread from */
  plan(key: string, days: number): Promise<Plan>;
  offPolicy: OffPolicy;
  /** Looks at every running experiment's guardrails now; answers what it paused. */
  guard(): Promise<Breach[]>;
  watchGuardrails(jobs: Jobs, minutes: number): Promise<void>;
  close(): void;
};

export async function openExperiments(parts: {
  db: Database;
  graphs: Pick<ItemGraphs, 'pin'>;
  config: Pick<Config, 'HAMLET_HOME'>;
  log: Log;
}): Promise<Experiments> {
  const { db, graphs, config, log } = parts;
  const snapshots = join(config.HAMLET_HOME, 'artifacts/experiments');
  const live = await openLive(db, (experiments) => graphs.pin(graphsNamedBy(experiments)), log);
  const done = async <T>(work: Promise<T>): Promise<T> => {
    const result = await work;
    await live.refresh();
    return result;
  };
  return {
    assign: live.assign,
    list: () => listExperiments(db),
    get: (key) => getExperiment(db, key),
    put: (key, definition) => done(putExperiment(db, key, definition)),
    start: (key) => done(startExperiment(db, key)),
    pause: (key, variant, reason) => done(pauseExperiment(db, key, variant, reason)),
    ramp: (key, coverage) => done(rampExperiment(db, key, coverage)),
    stop: (key) => done(stopExperiment(db, key)),
    promote: (key, variant) => done(promoteVariant(db, key, variant)),
    demote: (key) => done(demoteVariant(db, key)),
    changes: (key) => changesOf(db, key),
    report: async (key, version) => {
      const experiment = await (version === undefined
        ? getExperiment(db, key)
        : getVersion(db, key, version));
      return experiment.definition.mode === 'interleaving'
        ? interleavingReportOn(db, experiment)
        : reportOn(db, experiment, snapshots);
    },
    snapshot: (key, digest) => readManifest(snapshots, key, digest),
    snapshotFile: (key, digest, file) => openFile(snapshots, key, digest, file),
    plan: async (key, days) => planOf(db, await getExperiment(db, key), days),
    offPolicy: openOffPolicy(db),
    guard: () => done(pauseHarmful(db, log)),
    watchGuardrails: (jobs, minutes) => watchGuardrails(db, jobs, minutes, log),
    close: live.close,
  };
}

const graphsNamedBy = (experiments: Experiment[]) =>
  experiments.flatMap(({ definition }) =>
    definition.variants.flatMap(({ overrides }) =>
      (['image', 'model'] as const).flatMap((kind) => {
        const version = overrides?.artifacts?.[`item-graph-${kind}`];
        return version === undefined ? [] : [{ kind, version }];
      }),
    ),
  );
