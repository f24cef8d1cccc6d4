import type { ItemInput } from '../src/catalog/types.ts';
import type { EventInput } from '../src/events/types.ts';
import { imageItem, makePictures, type Picture } from './images.ts';
import { type ModelCard, makeModels, modelItem } from './models.ts';
import { makePeople, type Person } from './people.ts';
import type { Deed } from './reactions.ts';
import { liveYear, type Session } from './sessions.ts';
import { showcasePaths } from './showcases.ts';
import type { WorldSize } from './sizes.ts';

export type World = {
  size: WorldSize;
  people: Person[];
  pictures: Picture[];
  cards: ModelCard[];
  sessions: Session[];
  users: { id: string; attributes: Record<string, unknown> }[];
  items: ItemInput[];
  events: EventInput[];
};

/** The world's year is fixed, so that making it again makes the same. */
const YEAR_BEGINS = Date.UTC(2025, 10, 1);
const YEAR = 365 * 86_400_000;
export const dateOf = (at: number): string => new Date(Math.round(YEAR_BEGINS + at * YEAR)).toISOString();
/** Part of the year gone by at a time, 0…1. */
export const partOfYear = (milliseconds: number): number => (milliseconds - YEAR_BEGINS) / YEAR;

/** The same world for the same size, to the last letter. */
export function makeWorld(size: WorldSize): World {
  const people = makePeople(size.users, size.seed);
  const cards = makeModels(size.models, people, size.seed);
  const pictures = makePictures(size.images, people, cards, size.seed);
  const { sessions, deeds } = liveYear(size.events, { people, pictures, cards }, size.seed);
  const shown = showcasePaths();
  return {
    ...{ size, people, pictures, cards, sessions },
    users: people.map(({ id, name, isCreator }) => ({ id, attributes: { name, creator: isCreator } })),
    items: [
      ...cards.map((card) =>
        modelItem(card, showcasesOf(card, shown.get(card.id), pictures), dateOf(card.at)),
      ),
      ...pictures.map((picture) => imageItem(picture, urlOf(picture), dateOf(picture.at))),
    ],
    events: deeds.map((deed, index) =>
      eventOf(deed, `world-${size.seed}-${deed.session ?? 'made'}-${index}`),
    ),
  };
}

const eventOf = ({ person, kind, id, type, at, position }: Deed, eventId: string): EventInput => ({
  ...{ eventId, userId: person.id, itemKind: kind, itemId: id, type, occurredAt: dateOf(at) },
  ...(position === undefined ? {} : { position }),
});

/** The session an event of the world belongs to; null for what someone made by themselves. */
export function sessionOf(eventId: string): number | null {
  const session = Number(eventId.split('-')[2]);
  return Number.isInteger(session) ? session : null;
}

const urlOf = ({ id }: Picture) => `/pictures/${id}.webp`;

/** What the LoRA really made, where that ships; else the first picture made with it that everyone may see. */
function showcasesOf(card: ModelCard, made: string[] | undefined, pictures: Picture[]): string[] {
  if (made !== undefined) return made;
  const harmless = pictures.filter(({ models, level }) => models.includes(card) && level === 1);
  const shown = harmless.find(({ recipe }) => recipe.style === card.styles[0]!.style) ?? harmless[0];
  return shown === undefined ? [] : [urlOf(shown)];
}
