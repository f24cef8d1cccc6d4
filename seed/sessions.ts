import { affinityToModel, affinityToPicture } from './affinity.ts';
import { type Draw, drawFrom, seedFrom } from './draw.ts';
import { Gallery, type Shown } from './gallery.ts';
import { type PaletteName, STYLE_NAMES, type Style } from './grammar.ts';
import type { Picture } from './images.ts';
import type { ModelCard } from './models.ts';
import { type Person, tasteNow } from './people.ts';
import { type Deed, modelReactions, pictureReactions, SECOND } from './reactions.ts';
import type { Interest } from './taste.ts';

/** How a page came about: by habit, by what its reader looked for, or by chance alone. */
export type Exposure = 'front' | 'search' | 'uniform';
export type Session = {
  id: number;
  person: Person;
  kind: 'image' | 'model';
  exposure: Exposure;
  at: number;
  /** What was on the page, from its top, looked at or not. */
  page: Shown[];
};
export type Year = { sessions: Session[]; deeds: Deed[] };

const SHOWN = 12;
/** About this many come of one session, so that the wanted number is spread over the whole year. */
const DEEDS_A_SESSION = 8.6;
const ABOUT_MODELS = 0.15;
const SEARCHES = 0.6;
/** From here on the world's platform shows more pages at random: an experiment, to tell truth from habit. */
export const EXPERIMENT_FROM = 0.75;
const UNIFORM = { before: 0.15, after: 0.6 };
/** Each place down the page is looked at this much less often (position bias). */
const ATTENTION = 0.88;
export const attentionAt = (place: number): number => ATTENTION ** place;

/** A year of people looking through pages, opening what speaks to them, and now and then saying so. */
export function liveYear(
  wanted: number,
  { people, pictures, cards }: { people: Person[]; pictures: Picture[]; cards: ModelCard[] },
  seed: number,
): Year {
  const draw = drawFrom(seedFrom('sessions', seed));
  const made = pictures.flatMap(makingOf);
  const images = new Gallery(pictures, ({ recipe }) => topicsOf(recipe.style, recipe.palette));
  const models = new Gallery(cards, ({ styles, palette }) => topicsOf(styles[0]!.style, palette));
  const count = Math.ceil((wanted - made.length) / DEEDS_A_SESSION);
  const times = Array.from({ length: count }, () => draw.between(0, 1)).sort((a, b) => a - b);
  const sessions: Session[] = [];
  const deeds = [...made];
  for (const [id, at] of times.entries()) {
    const person = people[draw.weighted(people.map(({ joins, activity }) => (joins < at ? activity : 0)))]!;
    const exposure = exposureAt(at, draw);
    const session = { id, person, exposure, at };
    if (draw.chance(ABOUT_MODELS)) {
      const page = pageOf(models, session, draw);
      sessions.push({ ...session, kind: 'model', page });
      lookThrough(page, session, models, draw, (card, when) =>
        deeds.push(...modelReactions(session, card, affinityToModel(person, card, at), when, draw)),
      );
    } else {
      const page = pageOf(images, session, draw);
      sessions.push({ ...session, kind: 'image', page });
      lookThrough(page, session, images, draw, (picture, when) =>
        deeds.push(...pictureReactions(session, picture, affinityToPicture(person, picture, at), when, draw)),
      );
    }
  }
  return { sessions, deeds: deeds.filter(({ at }) => at < 1).sort((a, b) => a.at - b.at) };
}

/** Whoever makes a picture uses its models. */
const makingOf = ({ creator, models, at }: Picture): Deed[] =>
  models.map(({ id }) => ({ person: creator, kind: 'model', id, type: 'generate', at }));

function exposureAt(at: number, draw: Draw): Exposure {
  if (draw.chance(at < EXPERIMENT_FROM ? UNIFORM.before : UNIFORM.after)) return 'uniform';
  return draw.chance(SEARCHES / (1 - UNIFORM.before)) ? 'search' : 'front';
}

function pageOf<T extends Shown>(
  gallery: Gallery<T>,
  { person, exposure, at }: Pick<Session, 'person' | 'exposure' | 'at'>,
  draw: Draw,
): T[] {
  if (exposure === 'uniform') return gallery.uniform(SHOWN, person, at, draw);
  if (exposure === 'front') return gallery.front(SHOWN, person, at, draw);
  const { interests } = tasteNow(person, at, draw);
  const interest = interests[draw.weighted(interests.map(({ weight }) => weight))]!;
  return gallery.search(wordsFor(interest, draw), SHOWN, person, at, draw);
}

/** A style, or a style in certain colours. */
const topicsOf = (style: Style, palette: PaletteName | null): string[] =>
  palette === null ? [style] : [style, `${style} ${palette}`];

/** Mostly the interest, half of the time with its colours; now and then just something. */
function wordsFor({ style, palettes }: Interest, draw: Draw): string {
  if (draw.chance(0.1)) return draw.pick(STYLE_NAMES);
  return draw.chance(0.5) ? style : `${style} ${palettes[draw.weighted([0.6, 0.4])]!}`;
}

function lookThrough<T extends Shown>(
  page: T[],
  { at }: Pick<Session, 'at'>,
  gallery: Gallery<T>,
  draw: Draw,
  react: (thing: T, when: { at: number; position: number }) => void,
): void {
  page.forEach((thing, position) => {
    if (!draw.chance(attentionAt(position))) return;
    gallery.viewed(thing);
    react(thing, { at: at + position * 20 * SECOND, position });
  });
}
