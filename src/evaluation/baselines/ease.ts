import { type DenseWeights, easeWeights, type Histories } from '../../models/index.ts';
import type { OfflineRecommender } from '../types.ts';

const LAMBDA = 500;
/** The recent query: each step back counts less, and only the newest items speak. */
const DECAY = 0.8;
const RECENT = 50;

/** EASE (Steck 2019) over the whole binary history. */
export const easeBaseline: OfflineRecommender = easeWith((history) => history.map(() => 1));

/** The same weights; only the question changes: .8 a step back, over the last 50. */
export const easeRecentBaseline: OfflineRecommender = easeWith((history) =>
  history.map((_, n) => (n < history.length - RECENT ? 0 : DECAY ** (history.length - 1 - n))),
);

function easeWith(queryOf: (history: Float64Array) => Float64Array): OfflineRecommender {
  return {
    prepare({ training }, progress) {
      const { items, stride, values } = weightsOf(training, progress);
      return {
        score(history, scores) {
          const query = queryOf(Float64Array.from(history));
          scores.fill(0);
          for (let n = 0; n < history.length; n++) {
            const weight = query[n]!;
            if (weight === 0) continue;
            const row = history[n]! * stride;
            for (let item = 0; item < items; item++) scores[item]! += weight * values[row + item]!;
          }
        },
      };
    },
  };
}

/** Both baselines ask the same matrix: it is made once, and dropped with the log it was made from. */
const made = new WeakMap<Histories, DenseWeights>();

function weightsOf(training: Histories, progress: (fraction: number) => void): DenseWeights {
  const weights = made.get(training) ?? easeWeights(training, LAMBDA, progress);
  made.set(training, weights);
  return weights;
}
