import { join } from 'node:path';
import { checkAnswers } from '../answers.ts';
import { parameter, readFamily, readIds, readRows } from '../learned/parts.ts';
import type { LearnedItems } from '../learned/types.ts';

const ENCODER = 'encoder.onnx';
export const SASREC = { name: 'sasrec', contract: 'sasrec/1', what: 'sequence model', files: [ENCODER] };

/** A trained SASRec as it lies in its folder, checked. Plain data: threads share it. */
export type SequenceArtifact = LearnedItems & {
  folder: string;
  /** Knows column c as number c + 1. */
  encoder: string;
  /** Items at the end of each history that training did not see, and the digest of what it saw. */
  withheld: number;
  dataset: string;
  /** Milliseconds: nothing later was learned from; absent where the artifact does not say. */
  until?: number;
};

/**
 * Reads a folder, whatever is in it: digests, shapes, ranges, and the encoder's answers to its stored questions
 * (within 1e-4), so that serving can index without looking.
 * @throws HamletError `artifact-invalid`, `artifact-pickle` (422)
 */
export async function readSequenceArtifact(folder: string): Promise<SequenceArtifact> {
  const { manifest, kind, length } = await readFamily(folder, SASREC);
  const ids = await readIds(folder);
  const { rows: vectors, dims } = await readRows(folder, 'vectors', ids.length);
  await checkAnswers(folder, manifest);
  return {
    ...{ folder, version: manifest.version, kind, encoder: join(folder, ENCODER) },
    ...{ ids, vectors, dims, length },
    minStrength: parameter(manifest, 'minStrength') || 0,
    withheld: parameter(manifest, 'withheld') || 0,
    dataset: String(manifest.dataset.digest),
    ...(manifest.parameters.until !== undefined && { until: parameter(manifest, 'until') }),
  };
}
