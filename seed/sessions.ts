import type { EventType } from '../src/events/types.ts';
import { type Draw, drawFrom, seedFrom } from './draw.ts';
import type { Picture } from './images.ts';
import { affinity, type Person } from './people.ts';

export type Deed = { person: Person; kind: 'image' | 'model'; id: string; type: EventType; at: number };

const SHOWN = 12;
/** About this many come of one session, so that the wanted number is spread over the whole year. */
const DEEDS_A_SESSION = 9;
/** Each place down the page is looked at this much less often (position bias). */
const ATTENTION = 0.88;
/** Sessions in which every picture is equally likely to be shown: there truth can be told from habit. */
const UNIFORM = 0.15;
const SECOND = 1 / (365 * 86_400);

/**
 * A year of sessions: someone looks through a page of pictures that popularity, novelty and chance put there,
 * opens what speaks to them, and now and then says so. In time order.
 */
export function liveYear(wanted: number, people: Person[], pictures: Picture[], seed: number): Deed[] {
  const draw = drawFrom(seedFrom('sessions', seed));
  const deeds = pictures.flatMap(makingOf);
  const views = new Map<Picture, number>();
  const activity = people.map((person) => person.activity);
  const sessions = Math.ceil(wanted / DEEDS_A_SESSION);
  const times = Array.from({ length: sessions }, () => draw.between(0, 1)).sort((a, b) => a - b);
  for (const at of times) {
    const person = people[draw.weighted(activity)]!;
    const there = pictures.filter((picture) => picture.at < at && picture.creator !== person);
    const page = shown(there, views, at, draw);
    page.forEach((picture, place) => {
      if (draw.chance(ATTENTION ** place))
        deeds.push(...reactions(person, picture, at + place * 20 * SECOND, views, draw));
    });
  }
  return deeds.sort((a, b) => a.at - b.at);
}

/** Whoever makes a picture uses its models. */
const makingOf = ({ creator, models, at }: Picture): Deed[] =>
  models.map(({ id }) => ({ person: creator, kind: 'model', id, type: 'generate', at }));

function shown(there: Picture[], views: Map<Picture, number>, at: number, draw: Draw): Picture[] {
  const uniform = draw.chance(UNIFORM);
  const weights = there.map((picture) => {
    if (uniform) return 1;
    const novelty = 1 + 2 * Math.exp(-(at - picture.at) * 12);
    return picture.appeal * novelty * (1 + (views.get(picture) ?? 0)) ** 0.5;
  });
  const page: Picture[] = [];
  for (let n = 0; n < Math.min(SHOWN, there.length); n++) {
    const index = draw.weighted(weights);
    page.push(there[index]!);
    weights[index] = 0;
  }
  return page;
}

function reactions(
  person: Person,
  picture: Picture,
  at: number,
  views: Map<Picture, number>,
  draw: Draw,
): Deed[] {
  const liking = affinity(person, picture.recipe, at);
  const deed = (type: EventType, seconds: number, model = false): Deed => ({
    person,
    kind: model ? 'model' : 'image',
    id: model ? draw.pick(picture.models).id : picture.id,
    type,
    at: at + seconds * SECOND,
  });
  const deeds = [deed('view', 0)];
  views.set(picture, (views.get(picture) ?? 0) + 1);
  if (draw.chance(0.05 + 0.6 * liking)) deeds.push(deed('click', 4));
  if (draw.chance(0.02 + 0.85 * liking)) {
    deeds.push(deed(draw.pick(['like', 'like', 'like', 'heart', 'heart', 'laugh', 'cry']), 9));
    if (picture.models.length === 0) return deeds;
    if (draw.chance(0.15)) deeds.push(deed('download', 15, true));
    if (draw.chance(0.1)) deeds.push(deed('like', 18, true));
    if (person.isCreator && draw.chance(0.1)) deeds.push(deed('generate', 19, true));
  } else if (liking < 0.05 && draw.chance(0.04)) deeds.push(deed(draw.chance(0.25) ? 'hide' : 'dislike', 6));
  return deeds;
}
