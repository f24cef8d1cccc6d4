import { createRequire } from 'node:module';
import { workerData } from 'node:worker_threads';
import type { SequenceArtifact } from './artifact.ts';
import { openSequenceEncoder } from './encoder.ts';
import type { SequenceAnswer, SequenceQuestion } from './types.ts';

const { exactSearch, MetricKind } = createRequire(import.meta.url)('usearch') as typeof import('usearch');

/** One model in a thread of its own: see `model.ts` for the other side. */
const artifact = workerData as SequenceArtifact;
const { vectors, dims } = artifact;
const encoder = await openSequenceEncoder(artifact);

export default async function answer({ history, count }: SequenceQuestion): Promise<SequenceAnswer> {
  const user = Float32Array.from(await encoder.encode(history));
  const named = Math.min(count, vectors.length / dims);
  // Exact over the whole catalogue: .24 ms for 12,000 items, 8 ms for 242,000.
  const { keys, distances } = exactSearch(vectors, user, dims, named, MetricKind.IP, 1);
  // usearch's distance is 1 − product.
  return { user, columns: Int32Array.from(keys, Number), logits: distances.map((distance) => 1 - distance) };
}
