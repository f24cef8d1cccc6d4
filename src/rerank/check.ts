import type { ItemRef } from '../catalog/types.ts';
import { faultOfWording, mentionedIn, type Taste } from '../taste/index.ts';
import type { ToxicityScorer } from '../text/index.ts';
import type { Looks } from './looks.ts';
import type { Said, ShownItem } from './prompt.ts';

const LONGEST = 240;

/** What speaks against showing a model's reason, or null. */
export type Fault =
  | 'attribute-unseen'
  | 'preference-unknown'
  | NonNullable<Awaited<ReturnType<typeof faultOfWording>>>;

/**
 * A model's reason is shown only if every attribute that it names is found in the picture by CLIP, it points to a
 * taste of this person, and its words are its own, in English, and harmless.
 */
export async function faultOfReason(
  { reason, preferences, attributes }: Said,
  item: ShownItem,
  { taste, looks, toxicity }: { taste: Taste; looks: Looks; toxicity: ToxicityScorer },
): Promise<Fault | null> {
  const { title, prompt } = item.text;
  const fault = await faultOfWording(reason, { longest: LONGEST, sources: [title, prompt], toxicity });
  if (fault !== null) return fault;
  if (preferences.length === 0 || !preferences.every((id) => taste.preferences.some((one) => one.id === id)))
    return 'preference-unknown';
  const named = new Set([...attributes, ...mentionedIn(reason, looks.vocabulary)]);
  await Promise.all([...named].map((name) => looks.vocabulary.learn(name)));
  const ref: ItemRef = Number(item.id);
  const unseen = [...named].some((name) => !looks.shows(ref, name));
  return named.size === 0 || unseen ? 'attribute-unseen' : null;
}
