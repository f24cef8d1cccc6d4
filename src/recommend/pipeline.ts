import { identify } from './digest.ts';
import { scoreCandidates } from './score.ts';
import { type Outcome, runStage } from './stage.ts';
import type {
  Candidate,
  Context,
  Degraded,
  Filter,
  Pipeline,
  RankedList,
  Source,
  SourceHit,
  StageTrace,
} from './types.ts';

/**
 * One list: sources → filters → hydrators → scorers → blend → filters on the ranking → selector.
 * Sources run concurrently, each with its deadline; one that fails or is late is named in
 * `trace.degraded` and the list goes on without it. Filters, scorers and the selector must not fail.
 */
export async function runPipeline(pipeline: Pipeline, context: Context): Promise<RankedList> {
  const started = performance.now();
  const stages: StageTrace[] = [];
  const degraded: Degraded[] = [];

  const found = gather(pipeline.sources, context, stages, degraded);
  let candidates = merge(pipeline.sources, found instanceof Promise ? await found : found);
  candidates = applyFilters(pipeline.filters, candidates, context, stages);
  if (pipeline.fallback && candidates.length < pipeline.depth) {
    const more = await gather([pipeline.fallback], context, stages, degraded);
    const known = new Set(candidates.map(({ item }) => item));
    const others = more.map((hits) => hits.filter(({ item }) => !known.has(item)));
    const added = merge([pipeline.fallback], others);
    candidates = candidates.concat(applyFilters(pipeline.filters, added, context, stages));
  }
  for (const hydrator of pipeline.hydrators ?? []) {
    const timed = stopwatch(stages, hydrator.name, candidates.length);
    const work = runStage(hydrator, () => hydrator.hydrate(candidates, context));
    const outcome = work instanceof Promise ? await work : work;
    if ('failed' in outcome) degraded.push(outcome.failed);
    timed(candidates.length);
  }
  for (const scorer of pipeline.scorers) {
    const timed = stopwatch(stages, scorer.name, candidates.length);
    scorer.score(candidates, context);
    timed(candidates.length);
  }
  const timedScores = stopwatch(stages, 'score', candidates.length);
  const scored = await scoreCandidates(candidates, pipeline, context);
  if (scored !== undefined) degraded.push(scored);
  timedScores(candidates.length);
  candidates.sort((a, b) => b.score - a.score || a.item - b.item);
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
    degraded,
    seed: context.random.seed,
    ms: performance.now() - started,
  };
  return { items: selection.items, draw: selection.draw, trace };
}

/** Hits by source, in pipeline order; a Promise only when some source is asynchronous. */
function gather(
  sources: Source[],
  context: Context,
  stages: StageTrace[],
  degraded: Degraded[],
): SourceHit[][] | Promise<SourceHit[][]> {
  const running = sources.map((source) => {
    const timed = stopwatch(stages, source.name, 0);
    const take = (outcome: Outcome<SourceHit[]>): SourceHit[] => {
      const hits = 'failed' in outcome ? [] : outcome.value;
      if ('failed' in outcome) degraded.push(outcome.failed);
      timed(hits.length);
      return hits;
    };
    const outcome = runStage(source, () => source.find(context), source.atHand?.(context));
    return outcome instanceof Promise ? outcome.then(take) : take(outcome);
  });
  return running.some((hits) => hits instanceof Promise) ? Promise.all(running) : (running as SourceHit[][]);
}

/** One candidate an item. What several sources bring has all their features and the first one's reason. */
function merge(sources: Source[], hitsBySource: SourceHit[][]): Candidate[] {
  const byItem = new Map<number, Candidate>();
  const candidates: Candidate[] = [];
  for (let s = 0; s < hitsBySource.length; s++) {
    const { name } = sources[s]!;
    for (const { item, score, because = 0, propensity = 1, features = {} } of hitsBySource[s]!) {
      features[name] = score;
      const known = byItem.get(item);
      if (known === undefined) {
        const candidate = { item, sources: [name], features, score: 0, because, propensity };
        byItem.set(item, candidate);
        candidates.push(candidate);
        continue;
      }
      known.sources.push(name);
      if (known.because === 0) known.because = because;
      // Drawn by one source and certain by another: it would have been there anyway.
      if (propensity > known.propensity) known.propensity = propensity;
      for (const feature in features) known.features[feature] = features[feature]!;
    }
  }
  return candidates;
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

/** Times one run of a stage into its entry; a second run (the fallback's) adds to the first. */
function stopwatch(stages: StageTrace[], stage: string, entering: number) {
  let entry = stages.find((known) => known.stage === stage);
  if (entry === undefined) {
    entry = { stage, in: 0, out: 0, ms: 0 };
    stages.push(entry);
  }
  const { removed: reasons = {} } = entry;
  const started = performance.now();
  return (leaving: number, removed: { reason: string }[] = []) => {
    entry.in += entering;
    entry.out += leaving;
    entry.ms += performance.now() - started;
    if (removed.length === 0) return;
    for (const { reason } of removed) reasons[reason] = (reasons[reason] ?? 0) + 1;
    entry.removed = reasons;
  };
}
