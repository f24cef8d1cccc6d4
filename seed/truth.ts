import type { ItemKind } from '../src/catalog/types.ts';
import { affinityToModel, affinityToPicture } from './affinity.ts';
import { recipeOf } from './grammar.ts';
import type { Picture } from './images.ts';
import type { ModelCard } from './models.ts';
import type { Person } from './people.ts';
import { attentionAt, type Exposure } from './sessions.ts';
import type { WorldSize } from './sizes.ts';
import { dateOf, partOfYear, sessionOf, type World } from './world.ts';

/**
 * What was planted, for tests and evaluations alone: the service never reads it, and nothing in the product's
 * own data says it. Times are parts of the world's year, 0…1.
 */
export type TruthFile = {
  world: WorldSize;
  begins: string;
  ends: string;
  /** Chance that a place on a page is looked at, from the top. */
  attention: number[];
  people: Pick<Person, 'id' | 'joins' | 'browses' | 'taste' | 'drift'>[];
  /** Craft counts towards affinity, appeal only towards being shown. */
  images: Pick<Picture, 'id' | 'craft' | 'appeal'>[];
  models: Pick<ModelCard, 'id' | 'styles' | 'palette' | 'strength' | 'appeal'>[];
  /** `page`: indices into `images` or `models`, from the top, looked at or not. */
  sessions: { user: string; kind: ItemKind; exposure: Exposure; at: number; page: number[] }[];
};

export type ItemName = { kind: ItemKind; id: string };
export type Truth = {
  file: TruthFile;
  /** How much a user likes an item at a time (milliseconds), 0…1, without position and exposure. */
  affinity(userId: string, item: ItemName, time: number): number;
  /** How the page came about on which an event happened; null for what someone made by themselves. */
  exposureOf(eventId: string): Exposure | null;
};

export function truthOf({ size, people, pictures, cards, sessions }: World): TruthFile {
  const places = new Map([...pictures, ...cards].map((thing, index) => [thing.id, index]));
  const longest = Math.max(...sessions.map(({ page }) => page.length));
  return {
    world: size,
    ...{ begins: dateOf(0), ends: dateOf(1) },
    attention: Array.from({ length: longest }, (_, place) => attentionAt(place)),
    people: people.map(({ id, joins, browses, taste, drift }) => ({ id, joins, browses, taste, drift })),
    images: pictures.map(({ id, craft, appeal }) => ({ id, craft, appeal })),
    models: cards.map(({ id, styles, palette, strength, appeal }) => ({
      id,
      styles,
      palette,
      strength,
      appeal,
    })),
    sessions: sessions.map(({ person, kind, exposure, at, page }) => ({
      ...{ user: person.id, kind, exposure, at },
      page: page.map(({ id }) => places.get(id)! - (kind === 'model' ? pictures.length : 0)),
    })),
  };
}

export function openTruth(file: TruthFile): Truth {
  const people = new Map(file.people.map((person) => [person.id, person]));
  const pictures = new Map(file.images.map(({ id, craft }) => [id, { recipe: recipeOf(id)!, craft }]));
  const cards = new Map(file.models.map((card) => [card.id, card]));
  return {
    file,
    affinity(userId, { kind, id }, time) {
      const person = known(people, userId);
      const at = partOfYear(time);
      return kind === 'image'
        ? affinityToPicture(person, known(pictures, id), at)
        : affinityToModel(person, known(cards, id), at);
    },
    exposureOf(eventId) {
      const session = sessionOf(eventId);
      return session === null ? null : (file.sessions[session]?.exposure ?? null);
    },
  };
}

function known<T>(all: Map<string, T>, id: string): T {
  const found = all.get(id);
  if (found === undefined) throw new Error(`the demo world has no ${id}`);
  return found;
}
