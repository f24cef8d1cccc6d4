import type { ItemRef } from '../catalog/types.ts';
import { type Outcome, runStage } from './stage.ts';
import { stopwatch } from './stopwatch.ts';
import type { Candidate, Context, Progress, Source, SourceHit } from './types.ts';

/**
 * Hits by source, in pipeline order; a Promise only when some source is asynchronous. Sources run concurrently,
 * each with its deadline; one that fails or is late is named in `degraded`.
 */
export function gather(
  sources: Source[],
  context: Context,
  { stages, degraded }: Progress,
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

/**
 * One candidate an item. What several sources bring has all their features and the first one's reason.
 *
 * @param before candidates of other sources, which stay as they are: what is found again goes on from a copy
 */
export function merge(
  sources: Source[],
  hitsBySource: SourceHit[][],
  before: ReadonlyMap<ItemRef, Candidate> = new Map(),
): Candidate[] {
  const byItem = new Map<ItemRef, Candidate>();
  for (let s = 0; s < hitsBySource.length; s++) {
    const { name } = sources[s]!;
    for (const { item, score, because = 0, propensity = 1, features = {} } of hitsBySource[s]!) {
      features[name] = score;
      const known = byItem.get(item) ?? copyOf(before.get(item));
      if (known === undefined) {
        byItem.set(item, { item, sources: [name], features, score: 0, because, propensity });
        continue;
      }
      byItem.set(item, known);
      known.sources.push(name);
      if (known.because === 0) known.because = because;
      // Drawn by one source and certain by another: it would have been there anyway.
      if (propensity > known.propensity) known.propensity = propensity;
      for (const feature in features) known.features[feature] = features[feature]!;
    }
  }
  return [...byItem.values()];
}

const copyOf = (candidate: Candidate | undefined): Candidate | undefined =>
  candidate && { ...candidate, sources: [...candidate.sources], features: { ...candidate.features } };
