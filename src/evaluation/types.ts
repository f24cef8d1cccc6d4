import type { Asked, Split } from './splits.ts';

/** What a recommender is asked about one user; columns as in the split. */
export type Question = Omit<Asked, 'targets'> & { k: number; seed: number };

/** Fills a score for every item; the ranking is made by the runner, the seen left out there. */
export type Scorer = {
  score(history: Int32Array, scores: Float64Array, question: Question): void | Promise<void>;
};
/** Makes the list itself, best first, as serving does. */
export type ListMaker = {
  list(question: Question): Int32Array | Promise<Int32Array>;
  close?(): Promise<void> | undefined;
};

/** Learns from the training histories alone. */
export type OfflineRecommender = {
  prepare(
    split: Pick<Split, 'training' | 'log'>,
    progress: (fraction: number) => void,
  ): Scorer | ListMaker | Promise<Scorer | ListMaker>;
};
