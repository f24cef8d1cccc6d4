import { type Draw, drawFrom, seedFrom } from './draw.ts';
import {
  PALETTE_NAMES,
  type PaletteName,
  type Recipe,
  STYLE_NAMES,
  type Style,
  SUBJECT_NAMES,
  type Subject,
} from './grammar.ts';

/** What a person likes: weights that sum to 1 within each table. */
export type Taste = {
  styles: Partial<Record<Style, number>>;
  palettes: Partial<Record<PaletteName, number>>;
  subjects: Partial<Record<Subject, number>>;
};
export type Person = {
  id: string;
  name: string;
  isCreator: boolean;
  /** Sessions of this person in proportion to the others'. */
  activity: number;
  taste: Taste;
  /** A third of the people change: by `around` (0…1, part of the year) half of the way has been gone. */
  drift: { taste: Taste; around: number } | null;
};

const FIRST =
  'Amber Birch Cedar Coral Delta Ember Fern Flint Hazel Indigo Juniper Lark Maple Opal Quill'.split(' ');
const SECOND = 'Fox Heron Otter Wren Lynx Finch Hare Swift Moth Crane'.split(' ');
const CREATORS = 0.3;

/** `count` people (at most 150), the same for the same seed. */
export function makePeople(count: number, seed: number): Person[] {
  const draw = drawFrom(seedFrom('people', seed));
  const names = draw.shuffled(FIRST.flatMap((first) => SECOND.map((second) => `${first} ${second}`)));
  return names.slice(0, count).map((name, index) => ({
    id: `user-${index + 1}`,
    name,
    isCreator: index < count * CREATORS,
    activity: Math.exp(draw.normal()),
    taste: makeTaste(draw),
    drift: index % 3 === 2 ? { taste: makeTaste(draw), around: draw.between(0.35, 0.75) } : null,
  }));
}

const makeTaste = (draw: Draw): Taste => ({
  styles: mixture(draw, STYLE_NAMES, draw.whole(2, 3)),
  palettes: mixture(draw, PALETTE_NAMES, 2),
  subjects: mixture(draw, SUBJECT_NAMES, 3),
});

function mixture<T extends string>(
  draw: Draw,
  names: readonly T[],
  count: number,
): Partial<Record<T, number>> {
  const chosen = draw.shuffled(names).slice(0, count);
  const raw = chosen.map((_, index) => draw.between(0.6, 1) / (index + 1));
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return Object.fromEntries(chosen.map((name, index) => [name, raw[index]! / total])) as Partial<
    Record<T, number>
  >;
}

const WEIGHTS = { style: 0.5, palette: 0.3, subject: 0.2 };
const DRIFT_SPEED = 14;

/**
 * The planted truth, without position or exposure: how much a person likes a picture at a time, 0…1.
 * @param at part of the year gone by, 0…1.
 */
export function affinity(person: Person, recipe: Recipe, at: number): number {
  const before = likes(person.taste, recipe);
  if (person.drift === null) return before;
  const gone = 1 / (1 + Math.exp(-DRIFT_SPEED * (at - person.drift.around)));
  return before * (1 - gone) + likes(person.drift.taste, recipe) * gone;
}

/** A picture in the favourite of each table scores 1. */
function likes(taste: Taste, { style, palette, subject }: Recipe): number {
  return (
    WEIGHTS.style * share(taste.styles, style) +
    WEIGHTS.palette * share(taste.palettes, palette) +
    WEIGHTS.subject * share(taste.subjects, subject)
  );
}

const share = <T extends string>(weights: Partial<Record<T, number>>, name: T): number =>
  (weights[name] ?? 0) / Math.max(...Object.values<number | undefined>(weights).map((weight) => weight ?? 0));

/** What a person would make at a time: mostly to their own taste. */
export function recipeBy(person: Person, at: number, draw: Draw): Recipe {
  const taste = person.drift !== null && at > person.drift.around ? person.drift.taste : person.taste;
  const byTaste = <T extends string>(
    weights: Partial<Record<T, number>>,
    all: readonly T[],
    strays: number,
  ): T => {
    if (draw.chance(strays)) return draw.pick(all);
    const liked = Object.keys(weights) as T[];
    return liked[draw.weighted(liked.map((name) => weights[name]!))]!;
  };
  return {
    style: byTaste(taste.styles, STYLE_NAMES, 0.12),
    palette: byTaste(taste.palettes, PALETTE_NAMES, 0.25),
    subject: byTaste(taste.subjects, SUBJECT_NAMES, 0.3),
    composition: draw.pick(['centred', 'thirds', 'wide', 'aerial', 'close', 'framed']),
    medium: draw.pick(['canvas', 'paper', 'print', 'screen']),
    seed: draw.whole(0, 99_999),
  };
}
