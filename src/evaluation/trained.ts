import { badInput, HamletError } from '../errors.ts';
import {
  openSequenceEncoder,
  readManifest,
  readSequenceArtifact,
  readTowerArtifact,
  type SequenceArtifact,
  type TowerArtifact,
} from '../models/index.ts';
import type { Dataset } from './sequences.ts';
import type { TemporalSplit } from './temporal.ts';
import { type ItemContent, trainedTowers } from './trained-towers.ts';
import { trainingDigest } from './training-file.ts';
import type { OfflineRecommender } from './types.ts';

/** A model that is asked by histories: SASRec or two towers. */
export type Trained =
  | (SequenceArtifact & { family: 'sasrec' })
  | (TowerArtifact & { family: 'two-tower'; withheld?: undefined });

/** Whether a model may be asked: why not, or null. */
export type Leak = (artifact: Trained) => string | null;

/** @throws HamletError `artifact-invalid`, `artifact-pickle` (422) */
export async function readTrained(folder: string): Promise<Trained> {
  const { kind } = await readManifest(folder);
  return kind.startsWith('two-tower-')
    ? { family: 'two-tower', ...(await readTowerArtifact(folder)) }
    : { family: 'sasrec', ...(await readSequenceArtifact(folder)) };
}

/** @param hidden items at the end of each history that the question hides */
export const leakOfLast =
  (dataset: Pick<Dataset, 'sha256'>, hidden: number): Leak =>
  ({ dataset: learned, withheld = 0 }) =>
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
export async function openTrained(folders: string[], leak: Leak): Promise<Trained[]> {
  const artifacts: Trained[] = [];
  for (const folder of folders) {
    const artifact = await readTrained(folder);
    const reason = leak(artifact);
    if (reason !== null) throw new HamletError('artifact-leaks', 422, `${artifact.version} ${reason}`);
    artifacts.push(artifact);
  }
  return artifacts;
}

/** Named by their family; where there are several of one, by their version, too. */
export const trainedOf = (
  artifacts: Trained[],
  ids: string[],
  content?: ItemContent,
): Record<string, OfflineRecommender> =>
  Object.fromEntries(
    artifacts.map((artifact) => {
      const { family, version } = artifact;
      const several = artifacts.filter((other) => other.family === family).length > 1;
      return [several ? `${family}:${version}` : family, trainedRecommender(artifact, ids, content)];
    }),
  );

/** The first of a family, which becomes part of the pipeline. */
export const firstOf = <F extends Trained['family']>(artifacts: Trained[], family: F) =>
  artifacts.find((artifact): artifact is Extract<Trained, { family: F }> => artifact.family === family);

/**
 * The trained model over the split's items. It was trained before: the histories are only what it is asked with.
 * @param content what towers know items by that came later
 * @throws HamletError `artifact-foreign` (400) when it knows no item of them
 */
export const trainedRecommender = (
  artifact: Trained,
  ids: string[],
  content?: ItemContent,
): OfflineRecommender =>
  artifact.family === 'sasrec' ? trainedSequence(artifact, ids) : trainedTowers(artifact, ids, content);

function trainedSequence(artifact: SequenceArtifact, ids: string[]): OfflineRecommender {
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
