import { badInput, HamletError } from '../errors.ts';
import { openSequenceEncoder, readSequenceArtifact, type SequenceArtifact } from '../models/index.ts';
import type { Dataset } from './sequences.ts';
import type { TemporalSplit } from './temporal.ts';
import { trainingDigest } from './training-file.ts';
import type { OfflineRecommender } from './types.ts';

/** Whether a model may be asked: why not, or null. */
export type Leak = (artifact: SequenceArtifact) => string | null;

/** @param hidden items at the end of each history that the question hides */
export const leakOfLast =
  (dataset: Pick<Dataset, 'sha256'>, hidden: number): Leak =>
  ({ dataset: learned, withheld }) =>
    learned === dataset.sha256 && withheld < hidden
      ? `has learned from all but the last ${withheld} of each history: the last ${hidden} cannot be asked about`
      : null;

/** A model that learned from what came before the moment says so: by that moment, or by the digest of what it read. */
export const leakAfter =
  (split: TemporalSplit, ids: string[]): Leak =>
  ({ dataset: learned, until }) =>
    (until !== undefined && until <= split.at) || learned === trainingDigest(split, ids)
      ? null
      : `does not say that it learned only from what came before ${new Date(split.at).toISOString()}`;

/**
 * Artifacts that may be asked, in the order of the folders.
 * @throws HamletError `artifact-invalid` (422); `artifact-leaks` (422) when one may have learned the answers
 */
export async function openTrained(folders: string[], leak: Leak): Promise<SequenceArtifact[]> {
  const artifacts: SequenceArtifact[] = [];
  for (const folder of folders) {
    const artifact = await readSequenceArtifact(folder);
    const reason = leak(artifact);
    if (reason !== null) throw new HamletError('artifact-leaks', 422, `${artifact.version} ${reason}`);
    artifacts.push(artifact);
  }
  return artifacts;
}

/** Named by their kind; where there are several of one, by their version, too. */
export const trainedOf = (artifacts: SequenceArtifact[], ids: string[]): Record<string, OfflineRecommender> =>
  Object.fromEntries(
    artifacts.map((artifact) => [
      artifacts.length > 1 ? `sasrec:${artifact.version}` : 'sasrec',
      trainedRecommender(artifact, ids),
    ]),
  );

/**
 * The trained model over the file's items. It was trained before: the histories are only what it is asked with.
 * @throws HamletError `artifact-foreign` (400) when it knows no item of the file
 */
export function trainedRecommender(artifact: SequenceArtifact, ids: string[]): OfflineRecommender {
  const known = new Map(artifact.ids.map((id, column) => [id, column]));
  const theirs = Int32Array.from(ids, (id) => known.get(id) ?? -1);
  if (theirs.every((column) => column < 0))
    throw badInput('artifact-foreign', `${artifact.version} knows none of these items`);
  return {
    async prepare() {
      const encoder = await openSequenceEncoder(artifact);
      const logits = new Float32Array(artifact.ids.length);
      return {
        async score(history, scores, { strengths }) {
          const told =
            strengths === undefined
              ? history
              : history.filter((_, n) => strengths[n]! >= artifact.minStrength);
          const asked = told.map((column) => theirs[column]!).filter((column) => column >= 0);
          scores.fill(Number.NEGATIVE_INFINITY);
          if (asked.length === 0) return;
          encoder.scores(await encoder.encode(asked), logits);
          for (let item = 0; item < scores.length; item++)
            if (theirs[item]! >= 0) scores[item] = logits[theirs[item]!]!;
        },
      };
    },
  };
}
