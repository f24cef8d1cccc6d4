import { HDBSCAN } from 'hdbscan-ts';
import { dot } from './visible.ts';

/** Rows of one taste, the most central first. */
export type Cluster = number[];

/** A taste is at least so many liked pictures, and a person has at most so many. */
const SMALLEST = 4;
const MOST = 5;
/** In so few pictures density says nothing. */
const FEW = 2 * SMALLEST;

/**
 * Groups liked pictures by what they show (HDBSCAN, Campello et al. 2013, over unit vectors). Pictures that belong to
 * none are left out; where there is no group at all, everything is one.
 */
export function clustersOf(vectors: readonly Float32Array[]): Cluster[] {
  const all = [...vectors.keys()];
  const labels = vectors.length < FEW ? [] : densityLabels(vectors);
  const groups = Map.groupBy(
    all.filter((row) => (labels[row] ?? -1) >= 0),
    (row) => labels[row]!,
  );
  const clusters = groups.size === 0 ? [all] : [...groups.values()];
  return clusters
    .filter((rows) => rows.length > 0)
    .sort((a, b) => b.length - a.length)
    .slice(0, MOST)
    .map((rows) => centralFirst(rows, vectors));
}

function densityLabels(vectors: readonly Float32Array[]): readonly number[] {
  const clustering = new HDBSCAN({ minClusterSize: SMALLEST, minSamples: 2 });
  clustering.fit(vectors.map((vector) => Array.from(vector)));
  return clustering.labels_;
}

function centralFirst(rows: number[], vectors: readonly Float32Array[]): number[] {
  const centre = new Float32Array(vectors[rows[0]!]!.length);
  for (const row of rows)
    vectors[row]!.forEach((value, d) => {
      centre[d] = centre[d]! + value;
    });
  const closeness = new Map(rows.map((row) => [row, dot(vectors[row]!, centre)]));
  return rows.toSorted((a, b) => closeness.get(b)! - closeness.get(a)! || a - b);
}
