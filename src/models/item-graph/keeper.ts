import { join } from 'node:path';
import type { ItemKind, ItemRef } from '../../catalog/types.ts';
import type { Database } from '../../db/index.ts';
import type { Jobs } from '../../jobs/index.ts';
import type { Log } from '../../log.ts';
import { registerArtifact } from '../enter-artifact.ts';
import { activeArtifact, promote } from '../registry.ts';
import { buildItemGraphInWorker } from './build-in-worker.ts';
import { emptyItemGraph } from './graph.ts';
import { loadItemGraph, saveItemGraph } from './store.ts';
import type { InteractionLog, ItemGraph } from './types.ts';

const KINDS: ItemKind[] = ['image', 'model'];
const JOB = 'item-graph';
/** How soon a replica takes up a graph that another one promoted. */
const WATCH_MS = 5000;

export type ItemGraphs = {
  current(kind: ItemKind): ItemGraph;
  /** Whether another version is in force that this process cannot read. */
  behind(kind: ItemKind): boolean;
  /** A version that was pinned; undefined when it is not in memory. */
  at(kind: ItemKind, version: string): ItemGraph | undefined;
  /** Keeps exactly these versions in memory beside the current ones; what cannot be read is logged and left out. */
  pin(versions: { kind: ItemKind; version: string }[]): Promise<void>;
  /** Builds from the log, registers, promotes and swaps; answers the version in force afterwards. */
  rebuild(kind: ItemKind, progress?: (fraction: number) => void): Promise<{ version: string; items: number }>;
  rebuildOnSchedule(jobs: Jobs, minutes: number): Promise<void>;
  close(): void;
};

/**
 * Holds each kind's item graph in memory, takes up what another replica promotes, and rebuilds when
 * the log has moved. One replica at a time builds: the queue hands out one job a kind.
 */
export async function openItemGraphs(parts: {
  db: Database;
  home: string;
  readLog: (kind: ItemKind) => Promise<InteractionLog>;
  /** Content vectors by item, for the clusters that trending is spread over. */
  readContent: (items: ItemRef[]) => Promise<Map<ItemRef, Float32Array>>;
  log: Log;
  watchMs?: number;
}): Promise<ItemGraphs> {
  const { db, home, readLog, readContent, log, watchMs = WATCH_MS } = parts;
  const graphs = new Map<ItemKind, ItemGraph>(KINDS.map((kind) => [kind, emptyItemGraph()]));
  const current = (kind: ItemKind) => graphs.get(kind)!;

  /** Versions in force that could not be read. */
  const refused = new Map<ItemKind, string>();

  async function takeUp(kind: ItemKind): Promise<void> {
    const before = current(kind);
    const active = await activeArtifact(db, `${JOB}-${kind}`);
    if (active === null || active.version === current(kind).version) {
      refused.delete(kind);
      // Unless one was built and promoted since the question was asked.
      if (active === null && current(kind) === before) graphs.set(kind, emptyItemGraph());
      return;
    }
    try {
      graphs.set(kind, await loadItemGraph(join(home, 'artifacts', `${JOB}-${kind}-${active.version}`)));
      refused.delete(kind);
      log.info({ kind, version: active.version }, 'item graph loaded');
    } catch (error) {
      // The graph in memory goes on serving; a rebuild on this machine replaces what cannot be read.
      if (refused.get(kind) !== active.version)
        log.error({ err: error, kind, version: active.version }, 'item graph refused');
      refused.set(kind, active.version);
    }
  }

  /** One after the other: two that made the same graph would replace each other's files while they are checked. */
  let turn: Promise<unknown> = Promise.resolve();
  const rebuild: ItemGraphs['rebuild'] = (kind, progress) => {
    const built = turn.then(() => rebuildNow(kind, progress));
    turn = built.catch(() => {});
    return built;
  };

  async function rebuildNow(kind: ItemKind, progress: (fraction: number) => void = () => {}) {
    const interactions = await readLog(kind);
    const vectors = await readContent([...interactions.items]);
    const content = Array.from(interactions.items, (item) => vectors.get(item));
    const graph = await buildItemGraphInWorker(interactions, { content }, progress, current(kind).version);
    if (graph !== null && graph.version !== current(kind).version && graph.items.length > 0) {
      const folder = join(home, 'artifacts', `${JOB}-${kind}-${graph.version}`);
      await saveItemGraph(graph, folder, kind);
      const { state } = await registerArtifact(db, home, `${JOB}-${kind}`, folder);
      // What an operator rolled back stays out until the log has moved.
      if (state === 'rejected') return { version: current(kind).version, items: current(kind).items.length };
      await promote(db, `${JOB}-${kind}`, graph.version);
      graphs.set(kind, graph);
      refused.delete(kind);
    }
    return { version: current(kind).version, items: current(kind).items.length };
  }

  const pinned = new Map<string, ItemGraph>();
  async function pin(versions: { kind: ItemKind; version: string }[]): Promise<void> {
    const wanted = new Map(versions.map((one) => [`${JOB}-${one.kind}-${one.version}`, one]));
    for (const name of pinned.keys()) if (!wanted.has(name)) pinned.delete(name);
    for (const [name, { kind, version }] of wanted) {
      if (pinned.has(name)) continue;
      try {
        pinned.set(name, await loadItemGraph(join(home, 'artifacts', name)));
      } catch (error) {
        log.error({ err: error, kind, version }, 'item graph of a variant refused');
      }
    }
  }

  for (const kind of KINDS) await takeUp(kind);
  const watch = setInterval(() => {
    Promise.all(KINDS.map(takeUp)).catch((error) => log.warn({ err: error }, 'item graphs not checked'));
  }, watchMs);
  watch.unref();

  return {
    current,
    behind: (kind) => refused.has(kind),
    at: (kind, version) =>
      version === current(kind).version ? current(kind) : pinned.get(`${JOB}-${kind}-${version}`),
    pin,
    rebuild,
    async rebuildOnSchedule(jobs, minutes) {
      await jobs.work(JOB, async () => {
        for (const kind of KINDS) await rebuild(kind);
      });
      if (minutes > 0)
        await jobs.schedule(
          JOB,
          minutes >= 60 ? '7 * * * *' : `*/${Math.max(1, Math.round(minutes))} * * * *`,
          {},
        );
      if (KINDS.every((kind) => current(kind).items.length === 0)) await jobs.send(JOB, {});
    },
    close: () => clearInterval(watch),
  };
}
