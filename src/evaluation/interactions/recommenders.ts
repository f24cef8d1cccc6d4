import { badInput } from '../../errors.ts';
import { openTowers, readTowerArtifact } from '../../models/index.ts';
import { openProducts } from './best.ts';
import type { Best } from './metrics.ts';
import type { Matrix } from './npz.ts';

/** The `count` best items for each history of columns, and their scores. */
export type Recommender = (histories: Int32Array[], count: number) => Best[] | Promise<Best[]>;
type Made = { recommend: Recommender; artifact?: { kind: string; version: string; dataset: string } };

export function popularity({ items, columns }: Matrix): Made {
  const counts = new Float32Array(items);
  for (const column of columns) counts[column]!++;
  const order = Int32Array.from(counts.keys()).sort((a, b) => counts[b]! - counts[a]!);
  const scores = Float32Array.from(order, (column) => counts[column]!);
  return {
    recommend: (histories, count) =>
      histories.map(() => ({ columns: order.subarray(0, count), scores: scores.subarray(0, count) })),
  };
}

/**
 * The towers of an artifact: a person is asked by the serving code, and compared with all items exactly.
 * @throws HamletError `artifact-invalid` (422), `artifact-foreign` (400) when its items are not the file's columns
 */
export async function twoTower(folder: string, { items }: Matrix): Promise<Made> {
  const artifact = await readTowerArtifact(folder);
  if (artifact.ids.length !== items || artifact.ids.some((id, column) => id !== String(column)))
    throw badInput('artifact-foreign', `${artifact.version} was not trained on columns of such a matrix`);
  const { dims, vectors, kind, version, dataset } = artifact;
  const towers = await openTowers(artifact);
  const best = await openProducts(vectors, dims);
  return {
    artifact: { kind: `two-tower-${kind}`, version, dataset },
    async recommend(histories, count) {
      const users = new Float32Array(histories.length * dims);
      for (const [n, history] of histories.entries())
        users.set(await towers.user(history, artifact), n * dims);
      return best(users, count);
    },
  };
}
