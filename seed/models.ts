import type { ItemInput } from '../src/catalog/types.ts';
import { drawFrom, seedFrom } from './draw.ts';
import { type PaletteName, STYLE_NAMES, STYLES, type Style } from './grammar.ts';
import type { Person } from './people.ts';

/** A model card: a LoRA that draws in one style, some of them in one palette too. */
export type ModelCard = {
  id: string;
  name: string;
  style: Style;
  palette: PaletteName | null;
  creator: Person;
  /** Part of the year, 0…1; below 0 for what was there before. */
  at: number;
};

const SERIES = ['Atelier', 'Evenings', 'Notebook', 'Studio', 'Workshop', 'Almanac'];

/** Each style has a model before any has a second; the uploader is a creator who likes the style, where there is one. */
export function makeModels(count: number, people: Person[], seed: number): ModelCard[] {
  const draw = drawFrom(seedFrom('models', seed));
  const creators = people.filter(({ isCreator }) => isCreator);
  return Array.from({ length: count }, (_, index) => {
    const style = STYLE_NAMES[index % STYLE_NAMES.length]!;
    const fond = creators.filter(({ taste }) => taste.styles[style] !== undefined);
    const creator = draw.pick(fond.length > 0 ? fond : creators);
    const palette = draw.chance(0.4) ? (draw.pick(Object.keys(creator.taste.palettes)) as PaletteName) : null;
    const words = [
      palette,
      style.replaceAll('-', ' '),
      SERIES[Math.floor(index / STYLE_NAMES.length) % SERIES.length],
    ];
    return {
      id: `lora-${seed}-${index + 1}`,
      name: words
        .filter(Boolean)
        .join(' ')
        .replace(/\b[a-z]/gu, (letter) => letter.toUpperCase()),
      style,
      palette,
      creator,
      at: index < STYLE_NAMES.length ? draw.between(-0.4, -0.31) : draw.between(0, 0.8),
    };
  });
}

export function modelItem(card: ModelCard, url: string, createdAt: string): ItemInput {
  const draw = drawFrom(seedFrom('card', card.id));
  const trigger = `${card.style.replaceAll('-', '')}style`;
  return {
    kind: 'model',
    id: card.id,
    title: card.name,
    url,
    creatorId: card.creator.id,
    tags: [...STYLES[card.style].tags, ...(card.palette ? [card.palette] : []), 'style'],
    prompt: `${trigger}, ${STYLES[card.style].says}`,
    description: `A LoRA for ${STYLES[card.style].says}. Works best between 0.6 and 0.9; write “${trigger}” in the prompt.`,
    browsingLevel: 1,
    minor: false,
    poi: false,
    availability: 'public',
    licence: { commercialUse: draw.chance(0.6), derivatives: draw.chance(0.8), noCredit: draw.chance(0.5) },
    createdAt,
    attributes: { modelType: 'LORA', baseModel: 'SD 1.5', format: 'SafeTensor', rank: draw.pick([4, 8, 16]) },
  };
}
