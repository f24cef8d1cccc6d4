import type { Point } from '../../src/vectors/index.ts';

/** mulberry32: small, seeded, good enough to plant data. */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const normalOf = (random: () => number) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Unit vectors around seeded centres (`clusters` 0: no centres, the worst case of any index). */
export function clusteredVectors(options: {
  count: number;
  dims: number;
  clusters: number;
  seed: number;
  /** Spread of a cluster relative to the distance of centres from the origin. */
  spread?: number;
}): Float32Array[] {
  const { count, dims, clusters, seed, spread = 0.5 } = options;
  const random = randomOf(seed);
  const centres = Array.from({ length: clusters }, () =>
    Float32Array.from({ length: dims }, () => normalOf(random)),
  );
  return Array.from({ length: count }, () => {
    const centre = centres[Math.floor(random() * clusters)];
    const scale = centre ? spread : 1;
    const vector = Float32Array.from(
      { length: dims },
      (_, j) => (centre?.[j] ?? 0) + scale * normalOf(random),
    );
    const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    return vector.map((value) => value / norm);
  });
}

export const cosine = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Ids of the `limit` points whose text vectors are nearest, by looking at all of them. */
export function exactNearest(points: Point[], query: Float32Array, limit: number): Set<number> {
  const scored = points.map((point) => ({ id: point.id, score: cosine(point.vectors.text!, query) }));
  scored.sort((a, b) => b.score - a.score);
  return new Set(scored.slice(0, limit).map(({ id }) => id));
}
