import { at, call } from '../../api.js';
import { itemOf } from '../../parts/items.js';

/** @import { PageItem, Taste } from '../../types.ts' */

/** What a correction holds at most (schemas/taste.ts). */
const PREFERENCES = 8;
const PHRASES = 12;

/**
 * An event of the list it happened on.
 * @param {string} person @param {string} recommendationId @param {PageItem} item @param {'like' | 'hide'} type
 */
export async function report(person, recommendationId, item, type) {
  const event = {
    ...{ eventId: crypto.randomUUID(), userId: person, itemKind: item.kind, itemId: item.id, type },
    ...{ occurredAt: new Date().toISOString(), recommendationId, position: item.position },
  };
  const { results } = /** @type {{ results: { status: string, code?: string }[] }} */ (
    await call('/events', { body: { events: [event] } })
  );
  const { status, code } = results[0] ?? { status: 'rejected' };
  if (status !== 'accepted') throw new Error(`The event was not accepted: ${status} ${code ?? ''}`);
}

/** What there is to steer by: the words its maker gave it. @param {PageItem} item */
export async function stylesOf(item) {
  const stored = await itemOf(item.kind, item.id);
  return (stored?.tags ?? []).slice(0, PHRASES);
}

/** @param {string} person @param {PageItem} item */
export async function moreLike(person, item) {
  const styles = (await stylesOf(item)).slice(0, 4);
  const text = `More like “${item.title || item.id}”`.slice(0, 500);
  await correct(person, (preferences) => [
    { text, likes: styles.length > 0 ? styles : [item.title || item.id], avoids: [] },
    ...preferences.filter((preference) => preference.text !== text),
  ]);
}

/** @param {string} person @param {string} style */
export const lessOf = (person, style) =>
  correct(person, (preferences) =>
    (preferences.length > 0 ? preferences : [{ text: `No ${style}`, likes: [], avoids: [] }]).map(
      (preference) => ({
        ...preference,
        likes: preference.likes.filter((like) => like !== style),
        avoids: [style, ...preference.avoids.filter((avoid) => avoid !== style)].slice(0, PHRASES),
      }),
    ),
  );

/**
 * The person's words are what the machine said, changed: they win from the next list on, and stay.
 * @param {string} person
 * @param {(was: { text: string, likes: string[], avoids: string[] }[]) => { text: string, likes: string[], avoids: string[] }[]} change
 */
async function correct(person, change) {
  const path = `/users/${at(person)}/taste`;
  const { preferences } = /** @type {Taste} */ (await call(path));
  const changed = change(preferences.map(({ text, likes, avoids }) => ({ text, likes, avoids })));
  await call(path, { method: 'PUT', body: { preferences: changed.slice(0, PREFERENCES) } });
}
