import type { ItemKind, ItemRef } from '../../catalog/types.ts';

/** What a model's thread is asked and answers. */
export type HistoryQuestion = { history: Int32Array; count: number };
export type HistoryAnswer = {
  /** What the person is asked by; its product with an item's vector is the logit. */
  user: Float32Array;
  /** The best columns and their logits, best first. */
  columns: Int32Array;
  logits: Float32Array;
};

/** An artifact's items and their vectors: what both sides of a model's thread share. */
export type LearnedItems = {
  version: string;
  kind: ItemKind;
  /** The platform's ids, by column. */
  ids: string[];
  /** Row c is the vector of column c; its product with a user's vector is the logit. In shared memory. */
  vectors: Float32Array;
  dims: number;
  /** The first so many numbers of a vector say what an item is like; absent where all do. */
  likenessDims?: number;
  /** Newest items of a history that the model looks at. */
  length: number;
  /** Deeds weaker than this were no part of a history in training. */
  minStrength: number;
};

type Asked = { user: number; seq: number };

/** A model in force that is asked by what a person did last and says what they may want: SASRec, two towers. */
export type HistoryModel = {
  readonly kind: ItemKind;
  readonly version: string;
  readonly minStrength: number;
  readonly length: number;
  /** Column of an item; -1 when the model does not know it. */
  columnOf(item: ItemRef): number;
  /** 0 while the catalogue does not have it. */
  itemAt(column: number): ItemRef;
  /** @param asked who is asked about, and the number of their newest event: the same again is not encoded again */
  ask(asked: Asked, history: Int32Array): HistoryAnswer | Promise<HistoryAnswer>;
  /** The answer that is there already. */
  answered(asked: Asked): HistoryAnswer | undefined;
  logitOf(answer: HistoryAnswer, column: number): number;
  /** Cosine of two items as the model sees them. */
  likeness(columnA: number, columnB: number): number;
  /** Finds items that have come into the catalogue since; a Promise where they have to be read. */
  rejoin(): void | Promise<void>;
  /** Answers what has been asked, then ends. */
  close(): Promise<void>;
};
