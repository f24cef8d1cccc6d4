import { badInput, HamletError } from '../errors.ts';
import { openSequenceEncoder, readSequenceArtifact, type SequenceArtifact } from '../models/index.ts';
import type { Sequences } from './sequences.ts';
import type { OfflineRecommender } from './types.ts';

/**
 * An artifact that may be asked about these histories.
 *
 * @param hidden items at the end of each history that the question hides
 * @throws HamletError `artifact-invalid` (422); `artifact-leaks` (422) when it was trained on the answers
 */
export async function openTrained(
  folder: string,
  { dataset }: Pick<Sequences, 'dataset'>,
  hidden: number,
): Promise<SequenceArtifact> {
  const artifact = await readSequenceArtifact(folder);
  if (artifact.dataset === dataset.sha256 && artifact.withheld < hidden)
    throw new HamletError(
      'artifact-leaks',
      422,
      `${artifact.version} has learned from all but the last ${artifact.withheld} of each history: ` +
        `the last ${hidden} cannot be asked about`,
    );
  return artifact;
}

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
        async score(history, scores) {
          const asked = history.map((column) => theirs[column]!).filter((column) => column >= 0);
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
