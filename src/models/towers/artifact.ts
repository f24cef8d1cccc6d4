import { join } from 'node:path';
import { checkAnswers } from '../answers.ts';
import { artifactInvalid, type Manifest } from '../artifact.ts';
import { KERNEL_NAMES, type Preprocessing } from '../clip/preprocessing.ts';
import { parameter, readFamily, readIds, readRows, readWords } from '../learned/parts.ts';
import type { LearnedItems } from '../learned/types.ts';

const USER = 'user.onnx';
const ITEM = 'item.onnx';
const VISION = 'vision.onnx';
const TAGS = 'tags.json';
/** Of a picture whose numbers may be part of `answers.json` (answers.ts); so in the sidecar's towers/vision.py. */
const LARGEST_SIDE = 591;
export const TWO_TOWER = {
  ...{ name: 'two-tower', contract: 'two-tower/1', what: 'two-tower model', files: [USER] },
};

/** A picture half of the artifact's own, which learned with the towers, and what it wants pictures made into. */
export type Vision = Pick<Preprocessing, 'crop' | 'kernel'> & {
  folder: string;
  file: string;
  side: number;
  /** Length of its vectors. */
  dims: number;
};

/** Trained towers as they lie in their folder, checked. Plain data: threads share it. */
export type TowerArtifact = LearnedItems & {
  folder: string;
  /** Pools the vectors of a history. */
  user: string;
  /** What content alone says of an item; null where none was learned from. */
  item: string | null;
  /** Length of what the item tower reads; 0 where there is none: a content vector, and behind it 1 for each of `tags`. */
  content: number;
  tags: string[];
  /** Content vectors are what this sees in pictures; null: CLIP's, as the catalogue has them. */
  vision: Vision | null;
  /** Histories hold items of every kind, known by their content; only those of `kind` are named. */
  everyKind: boolean;
  /** Rows of what an item is within a history, and how much it counts there (a logarithm). In shared memory. */
  history: Float32Array;
  historyDims: number;
  weights: Float32Array;
  dataset: string;
  /** Milliseconds: nothing later was learned from; absent where the artifact does not say. */
  until?: number;
};

/**
 * Reads a folder, whatever is in it: digests, shapes, ranges, and the towers' answers to their stored questions
 * (within 1e-4).
 * @throws HamletError `artifact-invalid`, `artifact-pickle` (422)
 */
export async function readTowerArtifact(folder: string): Promise<TowerArtifact> {
  const { manifest, kind, length } = await readFamily(folder, TWO_TOWER);
  const item = manifest.files[ITEM] === undefined ? null : join(folder, ITEM);
  // Towers of content know no item: they make the tables of those that are there.
  const ids = await readIds(folder, item === null ? 1 : 0);
  const { rows: vectors, dims } = await readRows(folder, 'vectors', ids.length);
  const { rows: history, dims: historyDims } = await readRows(folder, 'history', ids.length);
  const { rows: weights, dims: one } = await readRows(folder, 'weights', ids.length);
  if (one !== 1) throw artifactInvalid(folder, 'an item has more than one weight');
  await checkAnswers(folder, manifest);
  const tags = manifest.files[TAGS] === undefined ? [] : await readWords(folder, TAGS, 'tags');
  const until = parameter(manifest, 'until');
  const content = item === null ? 0 : parameter(manifest, 'content') || 0;
  return {
    ...{ folder, version: manifest.version, kind, user: join(folder, USER), item },
    ...{ ids, vectors, dims, length, history, historyDims, weights, tags },
    ...(Number.isFinite(until) && { until }),
    // Towers of content: a vector is [f, f²], of which f is what the item is like.
    ...(manifest.parameters.of === 'content' && { likenessDims: historyDims }),
    content,
    vision: manifest.files[VISION] === undefined ? null : visionOf(folder, manifest, content - tags.length),
    everyKind: item !== null && manifest.parameters.histories === 'all',
    minStrength: parameter(manifest, 'minStrength') || 0,
    dataset: String(manifest.dataset.digest),
  };
}

function visionOf(folder: string, manifest: Manifest, dims: number): Vision {
  const [side, crop, kernel] = ['side', 'crop', 'kernel'].map((name) => parameter(manifest, name)) as [
    number,
    number,
    number,
  ];
  if (!(Number.isSafeInteger(side) && side >= 8 && side <= LARGEST_SIDE))
    throw artifactInvalid(folder, `side is not from 8 to ${LARGEST_SIDE} pixels`);
  if (!(crop >= 0 && crop <= 1)) throw artifactInvalid(folder, 'crop is no part of a picture');
  if (KERNEL_NAMES[kernel] === undefined) throw artifactInvalid(folder, `kernel ${kernel} is not known`);
  if (!(Number.isSafeInteger(dims) && dims >= 1 && dims <= 4096))
    throw artifactInvalid(folder, 'what it sees in pictures has no length');
  return {
    ...{ folder, file: join(folder, VISION), side, dims },
    ...{ crop: crop === 0 ? null : crop, kernel: KERNEL_NAMES[kernel]! },
  };
}
