import type { ItemInput } from '../src/catalog/types.ts';
import { type Draw, drawFrom, seedFrom } from './draw.ts';
import { pictureId, type Recipe } from './grammar.ts';
import type { ModelCard } from './models.ts';
import { type Person, recipeBy } from './people.ts';
import { levelOf, tagsOf, titleOf, writePrompt } from './prompts.ts';

/** A picture someone made. */
export type Picture = {
  id: string;
  recipe: Recipe;
  creator: Person;
  models: ModelCard[];
  at: number;
  level: number | undefined;
  /** How well it is made, 0…1: everybody likes it a little more for it. */
  craft: number;
  /** Long-tailed: what brings a picture before people's eyes, whatever it is worth. */
  appeal: number;
};

/** `count` pictures, more a day as the year goes on (some from before it), to the tastes of their makers. */
export function makePictures(count: number, people: Person[], models: ModelCard[], seed: number): Picture[] {
  const draw = drawFrom(seedFrom('pictures', seed));
  const creators = people.filter(({ isCreator }) => isCreator);
  const productivity = creators.map((_, index) => 1 / Math.sqrt(index + 1));
  const taken = new Set<string>();
  const pictures: Picture[] = [];
  while (pictures.length < count) {
    const creator = creators[draw.weighted(productivity)]!;
    const at = -0.3 + 1.3 * Math.sqrt(draw.between(0, 1));
    const recipe = recipeBy(creator, at, draw);
    const id = pictureId(recipe);
    if (taken.has(id)) continue;
    taken.add(id);
    pictures.push({
      ...{ id, recipe, creator, at },
      models: modelsFor(recipe, at, models, draw),
      level: levelOf(draw),
      craft: draw.between(0, 1),
      appeal: Math.min(20, draw.between(0.001, 1) ** -0.7),
    });
  }
  return pictures.sort((a, b) => a.at - b.at);
}

/** One or two models of the style that were there by then, best one in the right palette; none in a world without. */
function modelsFor(recipe: Recipe, at: number, models: ModelCard[], draw: Draw): ModelCard[] {
  const there = models.filter((model) => model.at < at);
  const fitting = there.filter(({ styles }) => styles[0]!.style === recipe.style);
  if (fitting.length === 0) return [];
  const better = fitting.filter(({ palette }) => palette === recipe.palette);
  const choice = better.length > 0 ? better : fitting;
  const first = choice[draw.weighted(choice.map(({ strength }) => strength))]!;
  const second = draw.pick(there);
  return draw.chance(0.12) && second !== first ? [first, second] : [first];
}

export function imageItem(picture: Picture, url: string, createdAt: string): ItemInput {
  const { id, recipe, creator, models, level } = picture;
  const draw = drawFrom(seedFrom('words', id));
  const { prompt, negativePrompt, settings } = writePrompt(recipe, models.map(loraOf), draw);
  const isMature = level !== undefined && level >= 4;
  return {
    kind: 'image',
    id,
    title: titleOf(recipe, draw),
    url,
    creatorId: creator.id,
    tags: isMature ? [...tagsOf(recipe), 'mature'] : tagsOf(recipe),
    prompt,
    negativePrompt,
    browsingLevel: level,
    minor: false,
    poi: false,
    availability: 'public',
    role: models.some((model) => model.creator === creator) ? 'showcase' : 'historical',
    modelIds: models.map((model) => model.id),
    createdAt,
    attributes: { ...settings, baseModel: 'SD 1.5' },
  };
}

const loraOf = ({ name }: ModelCard) => ({ name: name.toLowerCase().replaceAll(' ', '_') });
