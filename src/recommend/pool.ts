import { LRUCache } from 'lru-cache';
import type { ItemRef } from '../catalog/types.ts';
import { gather, merge } from './gather.ts';
import { scoreCandidates } from './score.ts';
import { runStage } from './stage.ts';
import { stopwatch } from './stopwatch.ts';
import type { Candidate, Context, Degraded, Pipeline, Progress } from './types.ts';

/**
 * What a person's state brings to a list before chance and the rules have their say: the candidates of all sources
 * that do not draw, scored, by item. Lists share it: nothing in it may be changed.
 */
export type Pool = { candidates: readonly Candidate[]; byItem: ReadonlyMap<ItemRef, Candidate> };

/** For how long a pool may be used again (milliseconds), and how many are kept: some 150 KB each. */
const KEPT_MS = 15_000;
const POOLS = 200;

/** Asks every source that does not draw. */
export async function makePool(pipeline: Pipeline, context: Context, progress: Progress): Promise<Pool> {
  const sources = pipeline.sources.filter(({ draws }) => !draws);
  const found = gather(sources, context, progress);
  const candidates = merge(sources, found instanceof Promise ? await found : found);
  await scoreAll(candidates, pipeline, context, progress);
  candidates.sort(bestFirst);
  return { candidates, byItem: new Map(candidates.map((candidate) => [candidate.item, candidate])) };
}

/** Hydrates and scores these candidates in place; what they are given does not depend on what else is there. */
export async function scoreAll(
  candidates: Candidate[],
  pipeline: Pipeline,
  context: Context,
  { stages, degraded }: Progress,
): Promise<void> {
  const { length } = candidates;
  if (length === 0) return;
  for (const hydrator of pipeline.hydrators ?? []) {
    const timed = stopwatch(stages, hydrator.name, length);
    const work = runStage(hydrator, () => hydrator.hydrate(candidates, context));
    const outcome = work instanceof Promise ? await work : work;
    if ('failed' in outcome) degraded.push(outcome.failed);
    timed(length);
  }
  for (const scorer of pipeline.scorers) {
    const timed = stopwatch(stages, scorer.name, length);
    scorer.score(candidates, context);
    timed(length);
  }
  const timed = stopwatch(stages, 'score', length);
  const failed = await scoreCandidates(candidates, pipeline, context);
  if (failed !== undefined) degraded.push(failed);
  timed(length);
}

export const bestFirst = (a: Candidate, b: Candidate): number => b.score - a.score || a.item - b.item;

/** Pools that were made a moment ago, for whoever asks again before anything has been done. */
export type Pools = {
  /** The pool of this person's state and these models, made or still being made; else what `make` makes. */
  of(pipeline: Pipeline, context: Context, make: () => Promise<Made>): Promise<Made>;
};
/** A pool, and what went wrong while it was made. */
export type Made = { pool: Pool; degraded: Degraded[] };

export function openPools(): Pools {
  const kept = new LRUCache<string, { at: number; madeOf: unknown[]; made: Promise<Made> }>({ max: POOLS });
  return {
    of(pipeline, context, make) {
      const { request, user, graph, sequence, towers, ranker, now } = context;
      // Whoever looks into a list wants to see it made, and there is no end of what may be asked to be left out.
      if (context.removals || request.exclude.size + request.tags.length > 0) return make();
      const key = `${user.user} ${request.kind} ${request.maxLevel}`;
      const madeOf = [user.seq, pipeline, graph, sequence, towers, ranker];
      const known = kept.get(key);
      if (known && now - known.at < KEPT_MS && known.madeOf.every((part, n) => part === madeOf[n]))
        return known.made;
      const entry = { at: now, madeOf, made: make() };
      kept.set(key, entry);
      const forget = () => kept.get(key) === entry && kept.delete(key);
      entry.made.then(({ degraded }) => degraded.length > 0 && forget(), forget);
      return entry.made;
    },
  };
}
