import type { Database } from '../db/index.ts';
import type { Log } from '../log.ts';
import type { ItemGraphs } from '../models/index.ts';
import type { Assign } from '../recommend/types.ts';
import { openLive } from './live.ts';
import {
  changesOf,
  demoteVariant,
  getExperiment,
  listExperiments,
  pauseExperiment,
  promoteVariant,
  putExperiment,
  rampExperiment,
  startExperiment,
  stopExperiment,
} from './store.ts';
import type { Change, Definition, Experiment } from './types.ts';

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
  close(): void;
};

export async function openExperiments(parts: {
  db: Database;
  graphs: Pick<ItemGraphs, 'pin'>;
  log: Log;
}): Promise<Experiments> {
  const { db, graphs, log } = parts;
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
