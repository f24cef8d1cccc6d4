import type { ItemRef } from '../catalog/types.ts';
import { identify } from './digest.ts';
import { gather, merge } from './gather.ts';
import { bestFirst, type Made, makePool, scoreAll } from './pool.ts';
import { stopwatch } from './stopwatch.ts';
import type { Candidate, Context, Filter, Pipeline, Progress, RankedList, StageTrace } from './types.ts';

/**
 * One list: the pool of a person's state (sources → hydrators → scorers → blend) and what is drawn for this list
 * alone → filters → filters on the ranking → selector. A source that fails or is late is named in `trace.degraded`
 * and the list goes on without it. Filters, scorers and the selector must not fail.
 */
export async function runPipeline(pipeline: Pipeline, context: Context): Promise<RankedList> {
  const started = performance.now();
  const progress: Progress = { stages: [], degraded: [] };
  const { stages } = progress;

  const make = async (): Promise<Made> => {
    const pool = await makePool(pipeline, context, progress);
    return { pool, degraded: [...progress.degraded] };
  };
  const { pool, degraded } = await (context.pools?.of(pipeline, context, make) ?? make());
  progress.degraded = [...degraded];

  const drawing = pipeline.sources.filter(({ draws }) => draws);
  const added = merge(drawing, await gather(drawing, context, progress), pool.byItem);
  let candidates = applyFilters(pipeline.filters, withAdded(pool.candidates, added), context, stages);
  if (pipeline.fallback && candidates.length < pipeline.depth) {
    const known = new Set(candidates.map(({ item }) => item));
    const hits = await gather([pipeline.fallback], context, progress);
    const others = hits.map((found) => found.filter(({ item }) => !known.has(item)));
    const more = merge([pipeline.fallback], others);
    added.push(...more);
    candidates = candidates.concat(applyFilters(pipeline.filters, more, context, stages));
  }
  await scoreAll(added, pipeline, context, progress);
  candidates.sort(bestFirst);
  candidates = applyFilters(pipeline.rankedFilters ?? [], candidates, context, stages);

  const timed = stopwatch(stages, pipeline.selector.name, candidates.length);
  const selection = pipeline.selector.select(candidates, pipeline.depth, context);
  timed(selection.items.length, selection.removed);
  noteRemoved(selection.removed, context);

  const { digest, description } = identify(pipeline, context);
  const trace = {
    pipeline: pipeline.name,
    configDigest: digest,
    versions: description.versions,
    stages,
    degraded: progress.degraded,
    seed: context.random.seed,
    ms: performance.now() - started,
  };
  return { items: selection.items, draw: selection.draw, trace };
}

/** All of them in an array of its own; what was added anew stands in for what the pool has of it. */
function withAdded(pool: readonly Candidate[], added: Candidate[]): Candidate[] {
  const again = new Set<ItemRef>(added.map(({ item }) => item));
  return pool.filter(({ item }) => !again.has(item)).concat(added);
}

function applyFilters(filters: Filter[], from: Candidate[], context: Context, stages: StageTrace[]) {
  let candidates = from;
  for (const filter of filters) {
    const timed = stopwatch(stages, filter.name, candidates.length);
    const { kept, removed } = filter.apply(candidates, context);
    candidates = kept;
    timed(kept.length, removed);
    noteRemoved(removed, context);
  }
  return candidates;
}

function noteRemoved(removed: { item: number; reason: string }[], { removals }: Context): void {
  if (removals) for (const { item, reason } of removed) removals.note(item, reason);
}
