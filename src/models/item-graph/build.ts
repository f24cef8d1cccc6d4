import { createHash } from 'node:crypto';
import { choicesOf } from './choices.ts';
import { type ContentVectors, clusterItems } from './clusters.ts';
import { covisitation } from './covisitation.ts';
import { easeWeights, strongest } from './ease.ts';
import { emptyItemGraph, type ItemGraphArrays, withLookup } from './graph.ts';
import { popularity, trend } from './popularity.ts';
import { transitions } from './transitions.ts';
import type { InteractionLog, ItemGraph } from './types.ts';

/** Raised when the same log would give another graph: the version of a graph is a digest over this, too. */
export const CONTRACT = 'item-graph/2';

export type BuildOptions = {
  /** Ridge term of EASE. */
  lambda?: number;
  /** Above so many items the neighbours are co-visitation cosines: EASE's time grows with the cube. */
  easeItems?: number;
  /** Neighbours and followers kept of an item. */
  neighbours?: number;
  /** Common users that halve a co-visitation cosine. */
  shrink?: number;
  /** Content vectors of `log.items`, for the clusters that trending is spread over. */
  content?: ContentVectors;
};
const DEFAULTS = { lambda: 500, easeItems: 8000, neighbours: 200, shrink: 20 };
/** Newest items of a user that co-visitation looks at. */
const HISTORY = 300;

/**
 * Builds the item graph from whole histories. One pass of CPU work (3,416 items: ~12 s, 100 MB); in a
 * serving process use `buildItemGraphInWorker`.
 *
 * @param progress called with the fraction done.
 */
export function buildItemGraph(
  log: InteractionLog,
  options: BuildOptions = {},
  progress: (fraction: number) => void = () => {},
): ItemGraph {
  return withLookup(buildArrays(log, options, progress));
}

export function buildArrays(
  log: InteractionLog,
  options: BuildOptions = {},
  progress: (fraction: number) => void = () => {},
): ItemGraphArrays {
  const { columnOf: _, ...empty } = emptyItemGraph();
  if (log.items.length === 0) return empty;
  const { content } = options;
  const { version, dataset, parameters } = nameOf(log, options);
  const most = (fraction: number) => progress(fraction * 0.9);
  const choices = choicesOf(log);
  const neighbours =
    log.items.length <= parameters.easeItems
      ? strongest(easeWeights(choices, parameters.lambda, most), parameters.neighbours)
      : covisitation(
          choices,
          { shrink: parameters.shrink, limit: parameters.neighbours, history: HISTORY },
          most,
        );
  const graph = {
    version,
    items: log.items,
    neighbours,
    transitions: transitions(choices, { limit: parameters.neighbours, shares: true }),
    popularity: popularity(log),
    trend: trend(log),
    ...clusterItems(content ?? [...log.items].map(() => undefined), neighbours, seeded()),
    made: { dataset, users: log.users, interactions: log.columns.length, parameters },
  };
  progress(1);
  return graph;
}

/** What the graph of this log is called, known long before it is built. */
export function nameOf(log: InteractionLog, { content, ...given }: BuildOptions) {
  const parameters = { ...DEFAULTS, ...given };
  const dataset = digestOf(log, content);
  const hash = createHash('sha256').update(`${CONTRACT} ${JSON.stringify(parameters)} ${dataset}`);
  return { version: hash.digest('hex').slice(0, 16), dataset, parameters };
}

/** The same log, in the same order, has the same digest. */
function digestOf(log: InteractionLog, content: ContentVectors | undefined): string {
  const hash = createHash('sha256');
  for (const array of [log.items, log.offsets, log.columns, log.strengths, log.times]) hash.update(array);
  hash.update(String(log.syntheticTime));
  for (const vector of content ?? []) hash.update(vector ?? 'none');
  return hash.digest('hex');
}

/** Starting centres must not change from build to build: Park & Miller's minimal standard generator, seed 1. */
function seeded(): () => number {
  let state = 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
