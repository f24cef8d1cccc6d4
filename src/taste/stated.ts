import { UNSAFE_TEXT } from '../catalog/index.ts';
import { badInput } from '../errors.ts';
import type { ToxicityScorer } from '../text/index.ts';
import type { Preference, StatedPreference, Vocabulary } from './types.ts';

/** Log-odds that a person's own word counts for: as much as what nearly all liked pictures show. */
const STATED_WEIGHT = 2.5;

/** A person's words are kept as they are, unless they are unsafe: they go into prompts and back to screens. */
export async function checkStated(stated: StatedPreference[], toxicity: ToxicityScorer): Promise<void> {
  const scores = await toxicity.score(
    stated.map(({ text, likes = [], avoids = [] }) => [text, ...likes, ...avoids].join(', ')),
  );
  const unsafe = scores.findIndex((score) => score > UNSAFE_TEXT);
  if (unsafe >= 0) throw badInput('text-unsafe', 'This text is unsafe.', `/preferences/${unsafe}`);
}

/** What a correction says, as rankers read it. Without likes of its own, the attributes it mentions; else its text. */
export async function preferencesOf(
  stated: StatedPreference[],
  vocabulary: Vocabulary | null,
): Promise<Preference[]> {
  const weighted = async (names: string[]) => {
    await Promise.all(names.map((name) => vocabulary?.learn(name)));
    return names.map((name) => ({ name, weight: STATED_WEIGHT }));
  };
  return Promise.all(
    stated.map(async ({ text, likes = [], avoids = [] }, n): Promise<Preference> => {
      const mentioned = likes.length > 0 ? likes : mentionedIn(text, vocabulary);
      return {
        ...{ id: `p${n + 1}`, text, items: [] },
        likes: await weighted(mentioned.length > 0 ? mentioned : [text]),
        avoids: await weighted(avoids),
      };
    }),
  );
}

/** Attributes of the vocabulary that a text names, as whole words. */
export function mentionedIn(text: string, vocabulary: Vocabulary | null): string[] {
  const padded = ` ${text.toLowerCase().replace(/[^\p{L}\p{N}'’-]+/gu, ' ')} `;
  return (vocabulary?.attributes ?? [])
    .filter(({ name }) => padded.includes(` ${name} `))
    .map(({ name }) => name);
}
