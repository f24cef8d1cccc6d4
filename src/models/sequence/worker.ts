import { workerData } from 'node:worker_threads';
import { bestOf } from '../learned/best.ts';
import type { HistoryAnswer, HistoryQuestion } from '../learned/types.ts';
import type { SequenceArtifact } from './artifact.ts';
import { openSequenceEncoder } from './encoder.ts';

/** One model in a thread of its own: see `learned/model.ts` for the other side. */
const artifact = workerData as SequenceArtifact;
const encoder = await openSequenceEncoder(artifact);

export default async function answer({ history, count }: HistoryQuestion): Promise<HistoryAnswer> {
  return bestOf(Float32Array.from(await encoder.encode(history)), artifact.vectors, count);
}
