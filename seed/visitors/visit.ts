import type { EventType } from '../../src/events/types.ts';
import { affinityToPicture } from '../affinity.ts';
import type { Draw } from '../draw.ts';
import type { Picture } from '../images.ts';
import type { Person } from '../people.ts';
import { pictureReactions } from '../reactions.ts';
import { attentionAt } from '../sessions.ts';

/** What somebody did on a page, and whether it made them want more. */
export type Visit = {
  deeds: { kind: 'image' | 'model'; id: string; type: EventType; position: number | undefined }[];
  /** Planted affinity of what was looked at, summed: the truth that a ranker is after. */
  looked: number;
  affinity: number;
  likes: number;
};

/**
 * Somebody looks through a page from its top, each place less often than the one above it (position
 * bias), and does what the planted taste makes them do. Pictures they do not know are passed over.
 *
 * @param at part of the world's year
 */
export function lookThrough(person: Person, page: (Picture | undefined)[], at: number, draw: Draw): Visit {
  const visit: Visit = { deeds: [], looked: 0, affinity: 0, likes: 0 };
  page.forEach((picture, position) => {
    if (!draw.chance(attentionAt(position)) || picture === undefined) return;
    const affinity = affinityToPicture(person, picture, at);
    visit.looked++;
    visit.affinity += affinity;
    for (const deed of pictureReactions({ id: 0, person }, picture, affinity, { at, position }, draw)) {
      visit.deeds.push({ kind: deed.kind, id: deed.id, type: deed.type, position: deed.position });
      if (deed.kind === 'image' && LIKES.has(deed.type)) visit.likes++;
    }
  });
  return visit;
}

const LIKES = new Set<EventType>(['like', 'heart', 'laugh', 'cry']);

/** The more was liked, the more likely they ask for another page, and come back another time. */
export const wantsMore = ({ likes }: Visit, draw: Draw): boolean =>
  draw.chance(Math.min(0.85, 0.4 + 0.1 * likes));
export const comesBack = (likes: number, draw: Draw): boolean =>
  draw.chance(Math.min(0.9, 0.35 + 0.08 * likes));
