import type { Candidate, Features, Pipeline } from './types.ts';

/**
 * Weights of the linear blend by feature name, an artifact with a version. All features lie in [0, 1]
 * (those of the item graph are divided by the best of the pool), so weights compare. Chosen on the
 * last-but-one item of ML-1M's users, never on the last; that of `sequence` on Beauty's (LOG.md), those of
 * `weights`, `taste` and `tower` on other people of the demo world (bench/w2w-spaces.md, LOG.md), and there, too,
 * that of `sequence` where two towers are in force.
 */
const WEIGHTS: Features = {
  sequence: 2,
  tower: 32,
  both: 1,
  similar: 0.125,
  next: 0.04,
  taste: 0.2,
  weights: 0.5,
  trending: 0.005,
  new: 1e-6,
  creator: 0.02,
};
export const BLEND: Required<Pipeline['blend']> = {
  version: 'ml-1m-6',
  weights: WEIGHTS,
  besideTowers: { ...WEIGHTS, sequence: 0.5 },
};

/** The weights of a list: those beside towers where some are in force and this pipeline asks them. */
export function weightsOf(
  { blend, scorers }: Pick<Pipeline, 'blend' | 'scorers'>,
  towers: unknown,
): Features {
  const asked = towers !== undefined && scorers.some(({ name }) => name === 'tower');
  return (asked ? blend.besideTowers : undefined) ?? blend.weights;
}

/** Sets each candidate's score to the weighted sum of its features; a feature without a weight counts nothing. */
export function blendScores(candidates: Candidate[], weights: Features): void {
  for (const candidate of candidates) {
    const { features } = candidate;
    let score = 0;
    for (const name in features) score += (weights[name] ?? 0) * features[name]!;
    candidate.score = score;
  }
}
