import type { ItemRef } from '../catalog/types.ts';

/** What a vision-language model said of one item, aggregated and checked. Kept as JSON. */
export type Verdict = {
  item: ItemRef;
  /** Comparable within the list. */
  score: number;
  /** Spread of the item's scores over the orders. */
  disagreement: number;
  /** One sentence that has passed the checks; '' where it has not. */
  reason: string;
  /** Ids of the taste's preferences that it points to. */
  preferences: string[];
};
export type Verdicts = {
  /** Of the taste, the model and the prompts: what it holds for. */
  digest: string;
  verdicts: Verdict[];
};
