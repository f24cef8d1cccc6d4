/** Where a cosine begins to mean that the picture shows it, and how well that tells. */
export type Cut = { threshold: number; f1: number };

/**
 * The threshold with the best F1 of telling the pictures that carry a word from the others. An attribute that no
 * threshold finds (`masterpiece`) is not one that can be seen.
 */
export function bestCut(cosines: Float32Array, carries: (row: number) => boolean, carriers: number): Cut {
  const rows = Array.from(cosines.keys()).sort((a, b) => cosines[b]! - cosines[a]!);
  let best: Cut = { threshold: Infinity, f1: 0 };
  let found = 0;
  for (let taken = 0; taken < rows.length; taken++) {
    if (carries(rows[taken]!)) found++;
    const f1 = (2 * found) / (taken + 1 + carriers);
    if (f1 > best.f1)
      best = {
        threshold: (cosines[rows[taken]!]! + (cosines[rows[taken + 1] ?? rows[taken]!] ?? 0)) / 2,
        f1,
      };
  }
  return best;
}

export function deviation(values: Float32Array): { mean: number; sd: number } {
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return { mean, sd: Math.sqrt(Math.max(squares / values.length - mean * mean, 1e-12)) };
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
