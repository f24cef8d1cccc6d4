import { LEVEL } from '../catalog/types.ts';
import { loadConfig } from '../config.ts';
import { applyEvent, emptyState } from '../events/index.ts';
import type { UserState } from '../events/types.ts';
import { buildItemGraph, openSequenceModel, type SequenceArtifact } from '../models/index.ts';
import {
  contentInMemory,
  defaultPipeline,
  type ListRequest,
  type PipelineSettings,
  runPipeline,
  seededRandom,
} from '../recommend/index.ts';
import { fileCatalogue } from './file-catalogue.ts';
import type { OfflineRecommender, Question } from './types.ts';

/** The default settings, whatever this machine's environment says: a figure must not depend on it. */
const AS_SHIPPED: PipelineSettings = loadConfig({});
/** A sequence has steps instead of times; one a minute, as an import makes them. */
const STEP_MS = 60_000;
const LONGEST_MS = 1e9;
/** Nobody waits for these lists: a busy machine is not to change the figures. */
const PATIENCE_MS = 60_000;

/**
 * The pipeline that serves, asked about the past: the same stages, with an item graph of the training
 * histories, states made by the reducer of events, and an empty content index (the file has no texts).
 * Exploration, caps and the draw are on; each user's seed is derived from the run's.
 */
export function pipelineRecommender(
  ids: string[],
  { settings = AS_SHIPPED, artifact }: { settings?: PipelineSettings; artifact?: SequenceArtifact } = {},
): OfflineRecommender {
  return {
    prepare({ training }, progress) {
      const columns = fileCatalogue(ids);
      const graph = buildItemGraph(training, {}, progress);
      const pipeline = defaultPipeline({
        ...{ settings, content: contentInMemory(new Map()), patience: PATIENCE_MS },
      });
      const sequence = artifact && openSequenceModel(artifact, columns);
      return {
        async list(question) {
          const user = stateAfter(question);
          const request: ListRequest = {
            ...{ userId: user.id, kind: 'image', limit: question.k, surface: 'evaluation' },
            ...{ maxLevel: LEVEL.PG, exclude: new Set(), tags: [] },
          };
          const random = seededRandom(Math.imul(question.seed + 1, 0x9e3779b1) ^ question.user);
          const { items, trace } = await runPipeline(pipeline, {
            ...{ request, user, columns, graph, sequence, random, now: LONGEST_MS },
          });
          if (trace.degraded.length > 0)
            throw new Error(`a list was made without ${trace.degraded.map(({ stage }) => stage).join(', ')}`);
          return Int32Array.from(items, ({ item }) => item - 1);
        },
        close: () => sequence?.close(),
      };
    },
  };
}

function stateAfter({ history, user }: Question): UserState {
  const state = { ...emptyState(`user-${user}`), user: user + 1, seq: history.length };
  history.forEach((column, step) => {
    applyEvent(state, { item: column + 1, type: 'like', at: step * STEP_MS });
  });
  return state;
}
