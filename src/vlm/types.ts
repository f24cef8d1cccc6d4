import type { TSchema } from 'typebox';

/** WebP or JPEG. */
export type Part = { text: string } | { picture: Buffer; type: 'image/webp' | 'image/jpeg' };

export type Question<T> = {
  /** Of the answer's schema, for servers that want one. */
  name: string;
  system: string;
  parts: Part[];
  schema: TSchema;
  /** Tokens that the answer may take. */
  longest: number;
  /** What the answer says, checked. @throws Error that says what is wrong with it; the model is then asked once more */
  read: (value: unknown) => T;
  signal?: AbortSignal;
};
export type Answer<T> = {
  value: T;
  tokens: number;
  ms: number;
  /** It had to be asked twice. */
  repaired: boolean;
};

export type VlmState = 'up' | 'resting' | 'key-refused';
/** A vision-language model behind an OpenAI-compatible endpoint. */
export type Vlm = {
  readonly model: string;
  /** Pictures that a question may hold, and their longest side in pixels. */
  readonly pictures: { most: number; side: number };
  /** @throws HamletError `vlm-…` (503): unavailable, timeout, busy, resting, budget, key-refused, declined, malformed */
  ask<T>(question: Question<T>): Promise<Answer<T>>;
  state(): VlmState;
  /** Requests so far by outcome, `answered` or the code of what went wrong, and what else is counted. */
  counts(): { outcomes: ReadonlyMap<string, number>; tokens: number; repairs: number };
};
