import type { EventType } from '../src/events/types.ts';
import type { Draw } from './draw.ts';
import type { Picture } from './images.ts';
import type { ModelCard } from './models.ts';
import type { Person } from './people.ts';

/** What someone did with a thing, in a session at a place on its page, or (`generate`) by themselves. */
export type Deed = {
  person: Person;
  kind: 'image' | 'model';
  id: string;
  type: EventType;
  at: number;
  session?: number;
  position?: number;
};
type Visit = { id: number; person: Person };
type When = { at: number; position: number };

export const SECOND = 1 / (365 * 86_400);
/** Chance to like what one has looked at: a little by accident, the rest by affinity. */
const LIKES = { accident: 0.003, affinity: 0.85 };
const OPENS = { accident: 0.04, affinity: 0.6 };
/** Chance to put away a picture that one hardly likes at all and did not like. */
const PUTS_AWAY = { below: 0.05, chance: 0.02 };
export const chanceToLike = (affinity: number): number => LIKES.accident + LIKES.affinity * affinity;
export const chanceToOpen = (affinity: number): number => OPENS.accident + OPENS.affinity * affinity;
export const chanceToPutAway = (affinity: number): number =>
  affinity < PUTS_AWAY.below ? PUTS_AWAY.chance : 0;

export function pictureReactions(
  { id: session, person }: Visit,
  { id, models }: Picture,
  affinity: number,
  { at, position }: When,
  draw: Draw,
): Deed[] {
  const onPage = (type: EventType, seconds: number): Deed => ({
    ...{ person, kind: 'image', id, type, at: at + seconds * SECOND, session, position },
  });
  const withModel = (type: EventType, seconds: number): Deed => ({
    ...{ person, kind: 'model', id: draw.pick(models).id, type, at: at + seconds * SECOND, session },
  });
  const deeds = [onPage('view', 0)];
  if (draw.chance(chanceToOpen(affinity))) deeds.push(onPage('click', 4));
  if (draw.chance(chanceToLike(affinity))) {
    deeds.push(onPage(draw.pick(['like', 'like', 'like', 'heart', 'heart', 'laugh', 'cry']), 9));
    if (models.length === 0) return deeds;
    if (draw.chance(0.08)) deeds.push(withModel('download', 15));
    if (draw.chance(0.06)) deeds.push(withModel('like', 18));
  } else if (affinity < PUTS_AWAY.below && draw.chance(PUTS_AWAY.chance))
    deeds.push(onPage(draw.chance(0.25) ? 'hide' : 'dislike', 6));
  return deeds;
}

export function modelReactions(
  { id: session, person }: Visit,
  { id }: ModelCard,
  affinity: number,
  { at, position }: When,
  draw: Draw,
): Deed[] {
  const onPage = (type: EventType, seconds: number): Deed => ({
    ...{ person, kind: 'model', id, type, at: at + seconds * SECOND, session, position },
  });
  const deeds = [onPage('view', 0)];
  if (draw.chance(chanceToOpen(affinity))) deeds.push(onPage('click', 5));
  if (draw.chance(chanceToLike(affinity))) {
    deeds.push(onPage('like', 10));
    if (draw.chance(0.5)) deeds.push(onPage('download', 14));
    if (person.isCreator && draw.chance(0.3)) deeds.push(onPage('generate', 17));
  }
  return deeds;
}
