import type { ItemRef, UserRef } from '../catalog/types.ts';

/** Something that can be seen in pictures: a tag, or a part of a prompt. */
export type Attribute = {
  name: string;
  /** Of the name, in the pictures' space. */
  vector: Float32Array;
  /** Cosine from which a picture counts as showing it, and the cosine's standard deviation over the catalogue. */
  threshold: number;
  spread: number;
  /** Mean presence over the catalogue's pictures. */
  share: number;
};
/** What can be told apart in this catalogue's pictures, the most frequent first. */
export type Vocabulary = {
  /** Of the encoder and the template: equal versions read a picture alike. */
  version: string;
  attributes: readonly Attribute[];
  named(name: string): Attribute | undefined;
  /** The same of any words, measured when first asked for; null for words that say nothing. */
  learn(name: string): Promise<Attribute | null>;
};

/** Log-odds, base e: how much more often here than in the catalogue. */
export type Weighted = { name: string; weight: number };

/** One of a person's tastes. */
export type Preference = {
  /** `p1`, `p2`, … within the taste, the strongest first. */
  id: string;
  text: string;
  likes: Weighted[];
  avoids: Weighted[];
  /** The person's own liked pictures behind it, the most central first; none behind a correction's. */
  items: ItemRef[];
};

export type Describer = 'attributes' | 'vlm' | 'person';
export type Taste = {
  user: UserRef;
  source: Describer;
  /** Version of what made it. */
  madeBy: string;
  /** Of everything a ranking by it depends on. */
  digest: string;
  preferences: Preference[];
  /** Liked pictures it was made from. */
  liked: ItemRef[];
  /** ISO 8601. */
  madeAt: string;
};

/** As a person states it. */
export type StatedPreference = { text: string; likes?: string[]; avoids?: string[] };
