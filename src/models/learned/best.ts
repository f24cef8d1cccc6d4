import { createRequire } from 'node:module';
import type { HistoryAnswer } from './types.ts';

const { exactSearch, MetricKind } = createRequire(import.meta.url)('usearch') as typeof import('usearch');

/** The best columns by product, exact over the whole catalogue: .24 ms for 12,000 × 64, 8 ms for 242,000. */
export function bestOf(user: Float32Array, vectors: Float32Array, count: number): HistoryAnswer {
  const named = Math.min(count, vectors.length / user.length);
  const { keys, distances } = exactSearch(vectors, user, user.length, named, MetricKind.IP, 1);
  // usearch's distance is 1 − product.
  return { user, columns: Int32Array.from(keys, Number), logits: distances.map((distance) => 1 - distance) };
}
