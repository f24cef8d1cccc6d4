import type { ItemRef } from '../catalog/types.ts';
import type { Reason } from '../recommend/types.ts';
import { listed, type Preference, sentence, type Taste } from '../taste/index.ts';
import { bestFit } from './attributes.ts';
import { scoreFalls } from './counterfactual.ts';
import type { Looks } from './looks.ts';

export type About = { taste: Taste; looks: Looks; mayName(item: ItemRef): boolean };

/** Attributes that are named, and pictures that are shown for them. */
const NAMED = 3;
const SHOWN = 3;

/**
 * Why a picture fits, by template: attributes that CLIP finds in it and that the person's taste is made of, and liked
 * pictures that show them too. None where taking those pictures away would not lower the picture's score.
 */
export function attributeReason(item: ItemRef, about: About): Reason | null {
  const { taste, looks } = about;
  const picture = looks.vectorOf(item);
  const best = picture && bestFit(picture, taste.preferences, looks.vocabulary);
  if (!best || best.score <= 0) return null;
  const shared = best.preference.likes.map(({ name }) => name).filter((name) => looks.shows(item, name));
  const names = shared.slice(0, NAMED);
  const evidence = evidenceFor(names, best.preference, about);
  if (evidence.length === 0 || !scoreFalls(picture, best.preference, evidence, looks)) return null;
  return { text: `${sentence(listed(names))}, like pictures you liked`, source: 'attributes', evidence };
}

/** The person's pictures that show most of what is named, the most central first. */
export function evidenceFor(
  names: readonly string[],
  { items }: Preference,
  { looks, mayName }: About,
): ItemRef[] {
  return items
    .filter(mayName)
    .map((item) => ({ item, shown: names.filter((name) => looks.shows(item, name)).length }))
    .filter(({ shown }) => shown > 0)
    .sort((a, b) => b.shown - a.shown)
    .slice(0, SHOWN)
    .map(({ item }) => item);
}
