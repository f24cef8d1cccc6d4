import { join } from 'node:path';
import { checkAnswers } from '../answers.ts';
import { artifactInvalid } from '../artifact.ts';
import { parameter, readFamily, readIds, readRows } from '../learned/parts.ts';
import type { LearnedItems } from '../learned/types.ts';

const USER = 'user.onnx';
const ITEM = 'item.onnx';
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
  /** Length of a content vector; 0 where there is none. */
  content: number;
  /** Rows of what an item is within a history, and how much it counts there (a logarithm). In shared memory. */
  history: Float32Array;
  weights: Float32Array;
  dataset: string;
};

/**
 * Reads a folder, whatever is in it: digests, shapes, ranges, and the towers' answers to their stored questions
 * (within 1e-4).
 * @throws HamletError `artifact-invalid`, `artifact-pickle` (422)
 */
export async function readTowerArtifact(folder: string): Promise<TowerArtifact> {
  const { manifest, kind, length } = await readFamily(folder, TWO_TOWER);
  const ids = await readIds(folder);
  const { rows: vectors, dims } = await readRows(folder, 'vectors', ids.length);
  const { rows: history, dims: others } = await readRows(folder, 'history', ids.length);
  const { rows: weights, dims: one } = await readRows(folder, 'weights', ids.length);
  if (others !== dims || one !== 1) throw artifactInvalid(folder, 'its tables are not of one width');
  await checkAnswers(folder, manifest);
  const item = manifest.files[ITEM] === undefined ? null : join(folder, ITEM);
  return {
    ...{ folder, version: manifest.version, kind, user: join(folder, USER), item },
    ...{ ids, vectors, dims, length, history, weights },
    content: item === null ? 0 : parameter(manifest, 'content') || 0,
    minStrength: parameter(manifest, 'minStrength') || 0,
    dataset: String(manifest.dataset.digest),
  };
}
