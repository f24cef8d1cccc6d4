import { type Draw, drawFrom, seedFrom } from './draw.ts';
import {
  COMPOSITION_NAMES,
  MEDIUM_NAMES,
  PALETTE_NAMES,
  type Recipe,
  STYLE_NAMES,
  SUBJECT_NAMES,
} from './grammar.ts';
import { makeTaste, type Taste } from './taste.ts';
import { SEED_RANGES } from './training-set/plan.ts';

export type Person = {
  id: string;
  name: string;
  isCreator: boolean;
  /** Part of the year when they came, 0…1; below 0 for those who were there before. */
  joins: number;
  /** Sessions of this person in proportion to the others'. */
  activity: number;
  /** The highest browsing level their pages have. */
  browses: 1 | 2 | 8;
  taste: Taste;
  /** A third of the people change: by `around` (part of the year) half of the way has been gone. */
  drift: { taste: Taste; around: number } | null;
};

const FIRST = (
  'Amber Birch Cedar Coral Delta Ember Fern Flint Hazel Indigo Juniper Lark Maple Opal Quill ' +
  'Aspen Basil Clover Dune Elder Garnet Iris Jasper Linden Moss Onyx Pearl Reed Sage Thistle'
).split(' ');
const SECOND = (
  'Fox Heron Otter Wren Lynx Finch Hare Swift Moth Crane ' +
  'Badger Dove Egret Gull Ibis Kite Marten Newt Owl Plover Raven Stoat Tern Vole'
).split(' ');
const CREATORS = 0.3;
const LATECOMERS = 0.4;
const DRIFT_SPEED = 14;

/** `count` people (at most 720), the same for the same seed. */
export function makePeople(count: number, seed: number): Person[] {
  const draw = drawFrom(seedFrom('people', seed));
  const names = draw.shuffled(FIRST.flatMap((first) => SECOND.map((second) => `${first} ${second}`)));
  return names.slice(0, count).map((name, index) => ({
    id: `user-${index + 1}`,
    name,
    isCreator: index < count * CREATORS,
    joins: index >= count * CREATORS && draw.chance(LATECOMERS / (1 - CREATORS)) ? draw.between(0, 0.98) : -1,
    activity: Math.min(6, Math.exp(0.9 * draw.normal())),
    browses: ([1, 2, 8] as const)[draw.weighted([0.75, 0.15, 0.1])]!,
    taste: makeTaste(draw),
    drift: index % 3 === 2 ? { taste: makeTaste(draw), around: draw.between(0.35, 0.75) } : null,
  }));
}

/** How much of a person's taste is the new one at a time, 0…1. */
export const driftGone = ({ drift }: Pick<Person, 'drift'>, at: number): number =>
  drift === null ? 0 : 1 / (1 + Math.exp(-DRIFT_SPEED * (at - drift.around)));

/** The taste that a person acts by at a time, drawn while it changes. */
export const tasteNow = (person: Person, at: number, draw: Draw): Taste =>
  person.drift !== null && draw.chance(driftGone(person, at)) ? person.drift.taste : person.taste;

/** What a person would make at a time: mostly to their own taste. */
export function recipeBy(person: Person, at: number, draw: Draw): Recipe {
  const { interests, subjects } = tasteNow(person, at, draw);
  const interest = interests[draw.weighted(interests.map(({ weight }) => weight))]!;
  const stray = <T>(chance: number, all: readonly T[], own: T) =>
    draw.chance(chance) ? draw.pick(all) : own;
  return {
    style: stray(0.15, STYLE_NAMES, interest.style),
    palette: stray(0.3, PALETTE_NAMES, interest.palettes[draw.weighted([0.6, 0.4])]!),
    subject: stray(0.4, SUBJECT_NAMES, draw.pick(subjects)),
    composition: draw.pick(COMPOSITION_NAMES),
    medium: draw.pick(MEDIUM_NAMES),
    seed: draw.whole(...SEED_RANGES.world),
  };
}
