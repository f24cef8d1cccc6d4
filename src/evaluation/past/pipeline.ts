import type { ItemColumns } from '../../catalog/columns.ts';
import { servable } from '../../catalog/index.ts';
import { type ItemKind, type ItemRef, LEVEL } from '../../catalog/types.ts';
import { loadConfig } from '../../config.ts';
import {
  openSequenceModel,
  openTowerModel,
  type ReadContent,
  type ReadPictures,
  type SequenceArtifact,
  type TowerArtifact,
} from '../../models/index.ts';
import {
  contentCache,
  contentNeighbours,
  defaultPipeline,
  type Pipeline,
  type PipelineSettings,
  runPipeline,
  seededRandom,
} from '../../recommend/index.ts';
import type { VectorReader } from '../../vectors/port.ts';
import type { OfflineRecommender } from '../types.ts';
import { pastColumns } from './columns.ts';
import { type GraphOf, rememberedGraphs } from './graphs.ts';

/** What the pipeline reads of the platform; each question sees of it what was there at its time. */
export type PastParts = {
  kind: ItemKind;
  columns: ItemColumns;
  /** When each item came, by ref (milliseconds). */
  from: Float64Array;
  vectors: VectorReader;
  readVectors(items: ItemRef[]): Promise<Map<ItemRef, Float32Array>>;
  space: string;
  settings?: PipelineSettings;
  artifact?: SequenceArtifact;
  towers?: { artifact: TowerArtifact; readContent: ReadContent; readPictures?: ReadPictures };
  graphOf?: GraphOf;
  /** The pipeline as it serves, changed: for tests, and for what is not in force yet. */
  change?(served: Pipeline): Pipeline;
};

/** The default settings, whatever this machine's environment says: a figure must not depend on it. */
const AS_SHIPPED: PipelineSettings = loadConfig({});
const CONTENT_ROWS = 250_000;
/** Neighbours that serving asks for, and how many are asked here: those of later are taken out. */
const NEIGHBOURS = 80;
const ASKED = 400;
/** Nobody waits for these lists: a busy machine is not to change the figures. */
const PATIENCE_MS = 60_000;

/**
 * The pipeline that serves, asked about the past: the item graph of the log before the split's moment, each person's
 * state of then, and of catalogue, vectors and sequence model nothing that had not come yet.
 */
export const pastPipeline = (parts: PastParts): OfflineRecommender => ({
  async prepare({ training, log = training }) {
    const { kind, settings = AS_SHIPPED, change = (served) => served, graphOf = rememberedGraphs() } = parts;
    const columns = pastColumns(parts.columns, parts.from);
    const vectors = await parts.readVectors([...log.items]);
    const content = Array.from(log.items, (item) => vectors.get(item));
    const graph = graphOf(log, content);
    const pipeline = change(servedOver(parts, columns, settings));
    const sequence = parts.artifact && openSequenceModel(parts.artifact, columns);
    // What an item looks like does not change; what had not come yet is shown to nobody.
    const towers =
      parts.towers && openTowerModel(parts.towers.artifact, columns, parts.towers.readContent, parts.towers);
    await towers?.rejoin();
    const columnOf = new Map([...training.items].map((ref, column) => [ref, column]));
    return {
      async list({ state, at, user, k, seed }) {
        if (state === undefined || at === undefined)
          throw new Error('the past is asked about by state and time');
        columns.moveTo(at);
        const request = {
          ...{ userId: state.id, kind, limit: k, surface: 'evaluation', maxLevel: LEVEL.PG, tags: [] },
          exclude: new Set<ItemRef>(),
        };
        const random = seededRandom(
          Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(user + 1, 0x85ebca6b) ^ state.seq,
        );
        const { items, trace } = await runPipeline(pipeline, {
          ...{ request, user: state, columns, graph, sequence, towers, random, now: at },
        });
        if (trace.degraded.length > 0)
          throw new Error(`a list was made without ${trace.degraded.map(({ stage }) => stage).join(', ')}`);
        for (const { item } of items)
          if (parts.from[item]! > at) throw new Error(`item ${item} was listed before it came`);
        return Int32Array.from(items, ({ item }) => columnOf.get(item) ?? -1);
      },
      async close() {
        await sequence?.close();
        await towers?.close();
      },
    };
  },
});

function servedOver(parts: PastParts, columns: ItemColumns, settings: PipelineSettings): Pipeline {
  const content = contentCache((items) => parts.readVectors(items), CONTENT_ROWS);
  const wide = contentNeighbours(parts.vectors, content, parts.space, ASKED);
  const neighbours: typeof wide = async (kind, items, maxLevel) => {
    const answers = await wide(kind, items, maxLevel);
    return answers.map((hits) =>
      hits.filter(({ id }) => servable(columns.level[id] ?? 0, maxLevel)).slice(0, NEIGHBOURS),
    );
  };
  const served = defaultPipeline({ settings, content, neighbours, patience: PATIENCE_MS });
  const patient = <T extends { deadline: number }>(stage: T): T => ({ ...stage, deadline: PATIENCE_MS });
  return {
    ...served,
    sources: served.sources.map(patient),
    ...(served.fallback && { fallback: patient(served.fallback) }),
    hydrators: served.hydrators?.map(patient),
  };
}
