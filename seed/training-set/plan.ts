import { drawFrom, seedFrom } from '../draw.ts';
import {
  COMPOSITION_NAMES,
  MEDIUM_NAMES,
  PALETTE_NAMES,
  pictureId,
  type Recipe,
  STYLE_NAMES,
  SUBJECT_NAMES,
} from '../grammar.ts';
import { tagsOf, writePrompt } from '../prompts.ts';

export const SPLITS = ['train', 'heldout'] as const;
export type Split = (typeof SPLITS)[number];

/** A number gives a picture its shapes, so each use of pictures has its own: none was seen in training. */
export const SEED_RANGES = {
  world: [0, 89_999],
  train: [90_000, 94_999],
  heldout: [95_000, 99_999],
} as const satisfies Record<Split | 'world', readonly [first: number, last: number]>;

export type TrainingPicture = Recipe & { id: string; prompt: string; tags: string[] };

/**
 * `count` pictures of as many recipes. Training takes recipes from the front of one shuffled list and
 * held-out pictures from its back, so up to the number of recipes no recipe is in both; beyond, training
 * goes round again with other seeds.
 */
export function planTrainingSet(count: number, split: Split, seed: number): TrainingPicture[] {
  const recipes = drawFrom(seedFrom('recipes', seed)).shuffled(everyRecipe());
  if (split === 'heldout') recipes.reverse();
  const [first, last] = SEED_RANGES[split];
  const draw = drawFrom(seedFrom('training set', split, seed));
  return Array.from({ length: count }, (_, index) => {
    const recipe: Recipe = { ...recipes[index % recipes.length]!, seed: draw.whole(first, last) };
    const id = pictureId(recipe);
    const { prompt } = writePrompt(recipe, [], drawFrom(seedFrom('words', id)));
    return { id, ...recipe, prompt, tags: tagsOf(recipe) };
  });
}

const everyRecipe = (): Omit<Recipe, 'seed'>[] =>
  SUBJECT_NAMES.flatMap((subject) =>
    STYLE_NAMES.flatMap((style) =>
      PALETTE_NAMES.flatMap((palette) =>
        COMPOSITION_NAMES.flatMap((composition) =>
          MEDIUM_NAMES.map((medium) => ({ subject, style, palette, composition, medium })),
        ),
      ),
    ),
  );
