import type { ItemInput } from '../src/catalog/types.ts';
import type { EventInput } from '../src/events/types.ts';
import { imageItem, makePictures, type Picture } from './images.ts';
import { type ModelCard, makeModels, modelItem } from './models.ts';
import { makePeople, type Person } from './people.ts';
import { liveYear } from './sessions.ts';
import type { WorldSize } from './sizes.ts';

export type World = {
  people: Person[];
  pictures: Picture[];
  cards: ModelCard[];
  users: { id: string; attributes: Record<string, unknown> }[];
  items: ItemInput[];
  events: EventInput[];
};

/** The world's year is fixed, so that making it again makes the same. */
const YEAR_BEGINS = Date.UTC(2025, 10, 1);
const YEAR = 365 * 86_400_000;

/** The same world for the same size, to the last letter. */
export function makeWorld(size: WorldSize): World {
  const people = makePeople(size.users, size.seed);
  const cards = makeModels(size.models, people, size.seed);
  const pictures = makePictures(size.images, people, cards, size.seed);
  const deeds = liveYear(size.events, people, pictures, size.seed);
  return {
    ...{ people, pictures, cards },
    users: people.map(({ id, name, isCreator }) => ({ id, attributes: { name, creator: isCreator } })),
    items: [
      ...cards.map((card) => modelItem(card, showcaseOf(card, pictures), dateOf(card.at))),
      ...pictures.map((picture) => imageItem(picture, urlOf(picture), dateOf(picture.at))),
    ],
    events: deeds.map(({ person, kind, id, type, at }, index) => ({
      eventId: `seed:${size.seed}:${index}`,
      userId: person.id,
      itemKind: kind,
      itemId: id,
      type,
      occurredAt: dateOf(at),
    })),
  };
}

const dateOf = (at: number) => new Date(Math.round(YEAR_BEGINS + at * YEAR)).toISOString();
const urlOf = ({ id }: Picture) => `/pictures/${id}.webp`;

/** The first picture that may be shown to everyone stands for the model it was made with. */
function showcaseOf(card: ModelCard, pictures: Picture[]): string {
  const harmless = pictures.filter(({ models, level }) => models.includes(card) && level === 1);
  const shown = harmless.find(({ recipe }) => recipe.style === card.styles[0]!.style) ?? harmless[0];
  return shown === undefined ? '' : urlOf(shown);
}
