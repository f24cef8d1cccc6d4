import { join } from 'node:path';
import { checkAnswers } from '../answers.ts';
import { artifactInvalid } from '../artifact.ts';
import { parameter, readFamily, readIds, readRows, readWords } from '../learned/parts.ts';
import type { LearnedItems } from '../learned/types.ts';

const USER = 'user.onnx';
const ITEM = 'item.onnx';
const TAGS = 'tags.json';
export const TWO_TOWER = {
  ...{ name: 'two-tower', contract: 'two-tower/1', what: 'two-tower model', files: [USER] },
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
  return {
    ...{ folder, version: manifest.version, kind, user: join(folder, USER), item },
    ...{ ids, vectors, dims, length, history, historyDims, weights, tags },
    ...(Number.isFinite(until) && { until }),
    // Towers of content: a vector is [f, f²], of which f is what the item is like.
    ...(manifest.parameters.of === 'content' && { likenessDims: historyDims }),
    content: item === null ? 0 : parameter(manifest, 'content') || 0,
    everyKind: item !== null && manifest.parameters.histories === 'all',
    minStrength: parameter(manifest, 'minStrength') || 0,
    dataset: String(manifest.dataset.digest),
  };
}
