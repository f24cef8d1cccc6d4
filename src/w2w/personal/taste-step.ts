import { HamletError } from '../../errors.ts';
import type { Events } from '../../events/index.ts';
import type { Preference, Taste, Tastes } from '../../taste/index.ts';
import type { EditParts } from '../directions.ts';
import { labelsByClip, wordsAndPictures } from '../labels.ts';
import { membersOf, membersSeen } from '../members.ts';
import { optedOut, type Running, type Steps } from './rows.ts';

export type TasteParts = EditParts & {
  events: Pick<Events, 'freshness' | 'state' | 'getUser'>;
  tastes: Pick<Tastes, 'described' | 'vocabulary'>;
};

/** So many tastes become edits; pictures that stand for one (ImageGem, section 4); liked ones from which density tells. */
const [MOST, CENTRAL, ENOUGH] = [3, 9, 8];

/**
 * The person's taste, as everywhere. With few liked pictures all of them are one taste, and the step says so.
 * @throws HamletError `user-opted-out` (409), `taste-unknown` (422)
 */
export async function tasteOf({ events, tastes }: TasteParts, userId: string): Promise<Taste> {
  const user = await events.getUser(userId);
  if (user?.preferences.excludeFromTraining) throw optedOut(userId);
  const taste = await tastes.described(await events.state(userId, await events.freshness(userId)));
  if (taste === null || taste.preferences.length === 0)
    throw new HamletError('taste-unknown', 422, `${userId} has liked no picture that can be seen.`);
  return taste;
}

export function toldTaste({ source, preferences, liked }: Taste): NonNullable<Steps['taste']> {
  const few = liked.length < ENOUGH && source !== 'person';
  return {
    source,
    fallback: few ? `${liked.length} liked pictures: all of them are one taste` : null,
    preferences: used(preferences).map(({ id, text, items }) => ({ id, text, pictures: items.length })),
  };
}

export const used = (preferences: Preference[]) => preferences.slice(0, MOST);

/** What each taste wants, in CLIP's space: its words and its nine most central pictures. */
export async function wantedBy(parts: TasteParts, taste: Taste): Promise<Map<string, Float32Array>> {
  const { encoder, catalog } = parts;
  if (encoder === null) throw new HamletError('clip-model-missing', 503, 'Personalising needs a CLIP model.');
  const found = new Map<string, Float32Array>();
  for (const { id, text, likes, items } of used(taste.preferences)) {
    const words = await encoder.encodeText(likes.map(({ name }) => name).join(', ') || text);
    const vectors = await catalog.vectors('clip', items.slice(0, CENTRAL));
    found.set(id, wordsAndPictures(words, [...vectors.values()]));
  }
  return found;
}

/** CLIP's labels on the LoRAs of the space, for each taste. */
export async function labelLoras(parts: TasteParts, { spaceId }: Running, taste: Taste) {
  const loras = await membersSeen(parts, await membersOf(parts.db, spaceId));
  const labels: NonNullable<Steps['labels']> = {};
  for (const [id, wanted] of await wantedBy(parts, taste)) {
    const said = labelsByClip(wanted, loras);
    labels[id] = { loras: said, positives: Object.keys(said).filter((lora) => said[lora]) };
  }
  return labels;
}
