import type { Point } from '../src/vectors/index.ts';
import { clusteredVectors, randomOf } from '../test/support/planted-vectors.ts';

/** The size of ImageGem's LoRAs, with tags by which a filter keeps a known share. */
export const [COUNT, DIMS, CLUSTERS, LIMIT, QUERIES, WARM] = [242_000, 64, 200, 100, 200, 50];
export const SHARES: Record<string, number> = { all: 1, half: 0.5, fifth: 0.2, fiftieth: 0.02 };

export type Planted = {
  points: Point[];
  /** The first `WARM` of them are not counted. */
  queries: Float32Array[];
  /** Ids of the exact answer to each counted query, by share. */
  truth: Map<string, Set<number>[]>;
};

/** @param clusters 0: none, the worst case of any index */
export function plant(clusters: number): Planted {
  const vectors = clusteredVectors({ count: COUNT + QUERIES + WARM, dims: DIMS, clusters, seed: 1 });
  const random = randomOf(2);
  const points = vectors.slice(0, COUNT).map((vector, i): Point => {
    const tags = Object.keys(SHARES).filter((name) => random() < SHARES[name]!);
    const payload = { level: 1, creator: i % 5000, tags };
    return { id: i + 1, version: 1 + (i % 100), vectors: { text: vector }, payload };
  });
  const queries = vectors.slice(COUNT);
  const names = Object.keys(SHARES);
  const kept = names.map((name) => points.filter(({ payload }) => payload.tags.includes(name)));
  const truth = new Map<string, Set<number>[]>(names.map((name) => [name, []]));
  for (const query of queries.slice(WARM)) {
    const scores = Float64Array.from(points, ({ vectors }) => dot(vectors.text!, query));
    names.forEach((name, n) => {
      const bar = Float64Array.from(kept[n]!, ({ id }) => scores[id - 1]!)
        .sort()
        .at(-LIMIT)!;
      const best = kept[n]!.filter(({ id }) => scores[id - 1]! >= bar);
      truth.get(name)!.push(new Set(best.map(({ id }) => id)));
    });
  }
  return { points, queries, truth };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < DIMS; j++) sum += a[j]! * b[j]!;
  return sum;
}
