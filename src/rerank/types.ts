import type { ItemRef } from '../catalog/types.ts';
import type { Calibration } from './calibration.ts';

/** What a list is asked about for: its order, or, where no order would be listened to, sentences alone. */
export type Purpose = 'order' | 'reasons';

/** What a vision-language model said of one item, aggregated and checked. Kept as JSON. */
export type Verdict = {
  item: ItemRef;
  /** Comparable within one ranking; null where no answer scored it. */
  score: number | null;
  /** Standard deviation of its scores over the orders, in points; null below two. */
  disagreement: number | null;
  /** One sentence that has passed the checks, '' where none has; the attributes and preferences it points to. */
  reason: string;
  attributes: string[];
  preferences: string[];
};
export type Verdicts = {
  /** Of the taste, the model and the prompts: what it holds for. */
  digest: string;
  verdicts: Verdict[];
  /** What was asked for: what was asked for an order has reasons, too. */
  purpose: Purpose;
  /** Of the model and the prompts. */
  version: string;
  /** How much their order says, of 1 for a model that never errs: what it said twice agrees so well. */
  conviction: number;
  /** What this list has taught of the model. */
  lesson: Calibration;
  /** Why it is not whole: the code of a call that came to nothing. */
  problem: string | null;
};
