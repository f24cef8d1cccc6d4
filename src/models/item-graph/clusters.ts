import type { SparseRows } from './types.ts';

const ROUNDS = 12;
/** Vectors the centres are fitted on; all others are only assigned. */
const FITTED = 20_000;
const MOST_CLUSTERS = 64;

/** A content vector of each of the graph's items, in the order of `items`; undefined where there is none. */
export type ContentVectors = (Float32Array | undefined)[];

/**
 * Spherical k-means (Dhillon & Modha 2001) with k-means++ starts over unit vectors; √(n/2) clusters, at
 * most 64. An item without a vector goes where its strongest neighbour with one is, else to cluster 0.
 */
export function clusterItems(
  content: ContentVectors,
  neighbours: SparseRows,
  random: () => number,
): { cluster: Uint16Array; clusters: number } {
  const cluster = new Uint16Array(content.length);
  const known = content.flatMap((vector, item) => (vector === undefined ? [] : [{ vector, item }]));
  if (known.length < 2) return { cluster, clusters: 1 };
  const sample = Array.from({ length: Math.min(FITTED, known.length) }, (_, n) => {
    const at = Math.floor((n * known.length) / Math.min(FITTED, known.length));
    return known[at]!.vector;
  });
  const centres = fit(
    sample,
    Math.min(MOST_CLUSTERS, Math.max(2, Math.round(Math.sqrt(known.length / 2)))),
    random,
  );
  for (const { vector, item } of known) cluster[item] = nearest(vector, centres).centre;
  for (let item = 0; item < content.length; item++) {
    if (content[item] !== undefined) continue;
    const row = neighbours.columns.subarray(neighbours.offsets[item]!, neighbours.offsets[item + 1]!);
    const like = row.find((other) => content[other] !== undefined);
    if (like !== undefined) cluster[item] = cluster[like]!;
  }
  return { cluster, clusters: centres.length };
}

function fit(vectors: Float32Array[], count: number, random: () => number): Float64Array[] {
  const centres = startingCentres(vectors, count, random);
  for (let round = 0; round < ROUNDS; round++) {
    const sums = centres.map((centre) => new Float64Array(centre.length));
    for (const vector of vectors) {
      const sum = sums[nearest(vector, centres).centre]!;
      for (let d = 0; d < vector.length; d++) sum[d]! += vector[d]!;
    }
    // An empty cluster keeps its old centre.
    sums.forEach((sum, c) => {
      const length = Math.hypot(...sum);
      if (length > 0) centres[c] = sum.map((x) => x / length);
    });
  }
  return centres;
}

/** k-means++ (Arthur & Vassilvitskii 2007): each next centre with probability ∝ squared distance to the chosen ones. */
function startingCentres(vectors: Float32Array[], count: number, random: () => number): Float64Array[] {
  const centres = [Float64Array.from(vectors[Math.floor(random() * vectors.length)]!)];
  const distances = Float64Array.from(vectors, () => Number.POSITIVE_INFINITY);
  while (centres.length < count) {
    let total = 0;
    vectors.forEach((vector, v) => {
      // |a − b|² = 2 − 2 a·b for unit vectors.
      distances[v] = Math.min(distances[v]!, Math.max(0, 2 - 2 * dot(vector, centres.at(-1)!)));
      total += distances[v]!;
    });
    if (total < 1e-9) break;
    centres.push(Float64Array.from(vectors[draw(distances, random() * total)]!));
  }
  return centres;
}

/** The index at which the running sum of `weights` passes `mark`. */
function draw(weights: Float64Array, mark: number): number {
  let sum = 0;
  for (let n = 0; n < weights.length; n++) {
    sum += weights[n]!;
    if (sum > mark) return n;
  }
  return weights.length - 1;
}

function nearest(vector: Float32Array, centres: Float64Array[]): { centre: number } {
  let centre = 0;
  let best = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < centres.length; c++) {
    const similarity = dot(vector, centres[c]!);
    if (similarity > best) {
      best = similarity;
      centre = c;
    }
  }
  return { centre };
}

function dot(a: Float32Array, b: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += a[d]! * b[d]!;
  return sum;
}
