import { workerData } from 'node:worker_threads';
import type { SequenceArtifact } from './artifact.ts';
import { openSequenceEncoder } from './encoder.ts';
import type { SequenceAnswer, SequenceQuestion } from './types.ts';

/** One model in a thread of its own: see `model.ts` for the other side. */
const artifact = workerData as SequenceArtifact;
const encoder = await openSequenceEncoder(artifact);
const scores = new Float32Array(artifact.vectors.length / artifact.dims);

export default async function answer({ history, count }: SequenceQuestion): Promise<SequenceAnswer> {
  const user = Float32Array.from(await encoder.encode(history));
  encoder.scores(user, scores);
  const columns = best(scores, Math.min(count, scores.length));
  return { user, columns, logits: Float32Array.from(columns, (column) => scores[column]!) };
}

/** Numbers are sorted natively, and only the best of them are then ordered with their columns. */
function best(values: Float32Array, count: number): Int32Array {
  const least = values.slice().sort()[values.length - count]!;
  const columns: number[] = [];
  for (let column = 0; column < values.length; column++) if (values[column]! >= least) columns.push(column);
  return Int32Array.from(columns.sort((a, b) => values[b]! - values[a]! || a - b)).subarray(0, count);
}
