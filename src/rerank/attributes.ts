import type { ItemRef } from '../catalog/types.ts';
import { type Preference, presence, type Taste, type Vocabulary, type Weighted } from '../taste/index.ts';
import type { Likeness } from './additive.ts';

/**
 * How well a picture fits one taste: weighted presence of what it likes, beyond the catalogue's average.
 * @param power of the weights: the higher, the more it counts what a taste is clear about
 */
export function fit(
  picture: Float32Array,
  preference: Pick<Preference, 'likes' | 'avoids'>,
  vocabulary: Vocabulary,
  power = 1,
): number {
  const weighed = (entries: readonly Weighted[]) =>
    entries.reduce((sum, { name, weight }) => {
      const attribute = vocabulary.named(name);
      return attribute === undefined
        ? sum
        : sum + weight ** power * (presence(picture, attribute) - attribute.share);
    }, 0);
  return weighed(preference.likes) - weighed(preference.avoids);
}

/** The taste that a picture fits best, and how well. */
export function bestFit(
  picture: Float32Array,
  preferences: readonly Preference[],
  vocabulary: Vocabulary,
): { preference: Preference; score: number } | null {
  let best: { preference: Preference; score: number } | null = null;
  for (const preference of preferences) {
    const score = fit(picture, preference, vocabulary);
    if (best === null || score > best.score) best = { preference, score };
  }
  return best;
}

/** One thing that a taste is clear about foretells more than several that it hardly is (LOG.md, 2026-11-29). */
const FORETELLING = 2;

/**
 * What is known of items before a model has seen them, by id, from the very pictures that it will see; what fits no
 * taste fits it no less.
 */
export const likenessOf = (
  items: readonly { id: string; seen: readonly ItemRef[] }[],
  { preferences }: Pick<Taste, 'preferences'>,
  vocabulary: Vocabulary,
  vectorOf: (item: ItemRef) => Float32Array | undefined,
): Likeness =>
  new Map(
    items.map(({ id, seen }) => {
      const pictures = seen.flatMap((item) => vectorOf(item) ?? []);
      const fits = pictures.map((picture) =>
        Math.max(0, ...preferences.map((preference) => fit(picture, preference, vocabulary, FORETELLING))),
      );
      return [id, fits.length === 0 ? undefined : fits.reduce((sum, one) => sum + one, 0) / fits.length];
    }),
  );

/** Scores of the local ranker: no model, only what CLIP sees held against the person's attributes. */
export const attributeScores = (
  items: readonly ItemRef[],
  taste: Pick<Taste, 'preferences'>,
  vocabulary: Vocabulary,
  vectorOf: (item: ItemRef) => Float32Array | undefined,
): (number | undefined)[] =>
  items.map((item) => {
    const picture = vectorOf(item);
    return picture && bestFit(picture, taste.preferences, vocabulary)?.score;
  });
