import type { ItemKind, ItemRef } from '../../catalog/types.ts';

/** What a model's thread is asked and answers. */
export type SequenceQuestion = { history: Int32Array; count: number };
export type SequenceAnswer = {
  /** What the person's next item is asked by; its product with an item's vector is the logit. */
  user: Float32Array;
  /** The best columns and their logits, best first. */
  columns: Int32Array;
  logits: Float32Array;
};

type Asked = { user: number; seq: number };

/** A SASRec in force: asked by what a person did last, it says what may come next. */
export type SequenceModel = {
  readonly kind: ItemKind;
  readonly version: string;
  readonly minStrength: number;
  readonly length: number;
  /** Column of an item; -1 when the model does not know it. */
  columnOf(item: ItemRef): number;
  /** 0 while the catalogue does not have it. */
  itemAt(column: number): ItemRef;
  /** @param asked who is asked about, and the number of their newest event: the same again is not encoded again */
  ask(asked: Asked, history: Int32Array): SequenceAnswer | Promise<SequenceAnswer>;
  /** The answer that is there already. */
  answered(asked: Asked): SequenceAnswer | undefined;
  logitOf(answer: SequenceAnswer, column: number): number;
  /** Cosine of two items as the model sees them. */
  likeness(columnA: number, columnB: number): number;
  /** Finds items that have come into the catalogue since. */
  rejoin(): void;
  /** Answers what has been asked, then ends. */
  close(): Promise<void>;
};
