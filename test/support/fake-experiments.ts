import { HamletError } from '../../src/errors.ts';
import type { Experiment } from '../../src/experiments/index.ts';
import type { HttpParts } from '../../src/http/index.ts';

/** Experiments in memory: what is put can be got, started and stopped. */
export function fakeExperiments(): HttpParts['experiments'] {
  const kept = new Map<string, Experiment>();
  const get = async (key: string) => {
    const found = kept.get(key);
    if (!found) throw new HamletError('experiment-unknown', 404, 'There is no such experiment.');
    return found;
  };
  const change = async (key: string, changed: Partial<Experiment>) => {
    const experiment = { ...(await get(key)), ...changed };
    kept.set(key, experiment);
    return experiment;
  };
  return {
    list: async () => [...kept.values()],
    get,
    put: async (key, definition) => {
      const created = !kept.has(key);
      const about = { version: 1, state: 'draft' as const, coverage: 1, pausedVariants: {}, winner: null };
      kept.set(key, { key, ...about, startedAt: null, endedAt: null, definition });
      return { experiment: await get(key), created };
    },
    start: (key) => change(key, { state: 'running', startedAt: new Date(0).toISOString() }),
    pause: (key) => change(key, { state: 'paused' }),
    ramp: (key, coverage) => change(key, { coverage }),
    stop: (key) => change(key, { state: 'stopped', endedAt: new Date(0).toISOString() }),
    promote: (key, winner) => change(key, { state: 'promoted', winner }),
    demote: (key) => change(key, { state: 'stopped', winner: null }),
    report: async (key) => ({ experiment: (await get(key)).key, verdicts: [] }) as never,
    plan: async (key) => ({ metric: (await get(key)).definition.metrics.primary }) as never,
    offPolicy: async () => ({ lists: 0 }) as never,
    snapshot: async (key) => {
      await get(key);
      throw new HamletError('snapshot-unknown', 404, 'There is no such snapshot.');
    },
    snapshotFile: async (key) => {
      await get(key);
      throw new HamletError('snapshot-unknown', 404, 'There is no such snapshot.');
    },
    changes: async (key) => {
      await get(key);
      return [{ version: 1, change: 'created', detail: {}, at: new Date(0).toISOString() }];
    },
  };
}
