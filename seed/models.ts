import type { ItemInput } from '../src/catalog/types.ts';
import { drawFrom, seedFrom } from './draw.ts';
import { STYLE_NAMES, STYLES } from './grammar.ts';
import type { Person } from './people.ts';
import { planZoo, type ZooEntry } from './zoo.ts';

/** A LoRA of the zoo as someone published it. */
export type ModelCard = ZooEntry & {
  name: string;
  creator: Person;
  /** Part of the year, 0…1; below 0 for what was there before. */
  at: number;
  /** Long-tailed: what brings it before people's eyes. */
  appeal: number;
  level: 1;
};

/** One a round through the styles, so that no two cards of a style are called the same. */
const SERIES = (
  'Atelier Evenings Notebook Studio Workshop Almanac Sketches Archive Weather Garden Letters Voyages ' +
  'Songs Seasons Rooms Fables Hours Shores'
).split(' ');

/** The uploader is a creator who likes the card's main style, where there is one. */
export function makeModels(count: number, people: Person[], seed: number): ModelCard[] {
  const draw = drawFrom(seedFrom('models', seed));
  const creators = people.filter(({ isCreator }) => isCreator);
  return planZoo(count, seed).map((entry, index) => {
    const [{ style }] = entry.styles as [ZooEntry['styles'][0]];
    const fond = creators.filter(({ taste }) => taste.interests.some((interest) => interest.style === style));
    const round = Math.floor(index / STYLE_NAMES.length);
    const words = [entry.palette, style.replaceAll('-', ' '), SERIES[round % SERIES.length]];
    return {
      ...entry,
      name: words
        .filter(Boolean)
        .join(' ')
        .replace(/\b[a-z]/gu, (letter) => letter.toUpperCase()),
      creator: draw.pick(fond.length > 0 ? fond : creators),
      at: round === 0 ? draw.between(-0.4, -0.31) : draw.between(-0.1, 1),
      appeal: Math.min(20, draw.between(0.001, 1) ** -0.7),
      level: 1,
    };
  });
}

/** @param showcases pictures made with it, the first stands for it; there may be none. */
export function modelItem(card: ModelCard, showcases: string[], createdAt: string): ItemInput {
  const draw = drawFrom(seedFrom('card', card.id));
  const { styles, palette, trigger, rank, alpha, format, steps, strength } = card;
  const looks = styles.map(({ style }) => STYLES[style].says).join(' with a touch of ');
  return {
    kind: 'model',
    id: card.id,
    title: card.name,
    url: showcases[0] ?? '',
    creatorId: card.creator.id,
    tags: [...styles.flatMap(({ style }) => STYLES[style].tags), ...(palette ? [palette] : []), 'style'],
    prompt: [trigger, looks, ...(palette ? [palette] : [])].join(', '),
    description: describe(card, looks),
    browsingLevel: card.level,
    minor: false,
    poi: false,
    availability: 'public',
    licence: { commercialUse: draw.chance(0.6), derivatives: draw.chance(0.8), noCredit: draw.chance(0.5) },
    createdAt,
    attributes: {
      ...{ modelType: 'LORA', baseModel: 'SD 1.5', format: 'SafeTensor' },
      ...{ layout: format, rank, alpha, steps, strength, trainedWords: trigger, showcases },
    },
  };
}

function describe({ trigger, palette, rank, steps, strength }: ModelCard, looks: string): string {
  const colours = palette === null ? 'any colours' : `the colours of ${palette}`;
  const force =
    strength > 0.8 ? 'strong: start at 0.6' : strength > 0.6 ? 'works best around 0.8' : 'gentle: use 1.0';
  return `A LoRA for ${looks}, in ${colours}. Rank ${rank}, ${steps} steps, ${force}. Write “${trigger}” in the prompt.`;
}
