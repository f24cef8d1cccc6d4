import type { Picture } from './images.ts';
import type { ModelCard } from './models.ts';
import { driftGone, type Person } from './people.ts';
import { likesModel, likesRecipe, type Taste } from './taste.ts';

/**
 * The planted truth: how much a person likes a thing at a time, 0…1, whoever showed it and wherever it stood.
 * Taste is most of it; how well a thing is made is a little, and the same for everybody.
 */
const CRAFT = 0.2;
const STRENGTH = 0.3;
export const craftOf = (craft: number): number => 1 - CRAFT + CRAFT * craft;
export const strengthOf = (strength: number): number => 1 - STRENGTH + STRENGTH * strength;

export type Judge = Pick<Person, 'taste' | 'drift'>;

/** @param at part of the year gone by, 0…1. */
export const affinityToPicture = (
  person: Judge,
  { recipe, craft }: Pick<Picture, 'recipe' | 'craft'>,
  at: number,
): number => craftOf(craft) * throughDrift(person, at, (taste) => likesRecipe(taste, recipe));

/** A gentle LoRA does less for whoever wants its style. */
export const affinityToModel = (
  person: Judge,
  card: Pick<ModelCard, 'styles' | 'palette' | 'strength'>,
  at: number,
): number => strengthOf(card.strength) * throughDrift(person, at, (taste) => likesModel(taste, card));

function throughDrift(person: Judge, at: number, likes: (taste: Taste) => number): number {
  const before = likes(person.taste);
  if (person.drift === null) return before;
  const gone = driftGone(person, at);
  return before * (1 - gone) + likes(person.drift.taste) * gone;
}
