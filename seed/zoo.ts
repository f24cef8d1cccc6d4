import { type Draw, drawFrom, seedFrom } from './draw.ts';
import { PALETTE_NAMES, type PaletteName, STYLE_NAMES, type Style } from './grammar.ts';

/** Layouts of LoRA files seen in the wild, most of them one of the first three. */
export const FORMATS = ['kohya', 'diffusers', 'peft', 'locon', 'loha', 'lokr', 'dora'] as const;
export type Format = (typeof FORMATS)[number];
const FORMAT_WEIGHTS = [32, 26, 26, 4, 4, 4, 4];
const RANKS = [1, 2, 4, 8, 16];
// A file grows with its rank, and the zoo ships with the project: high ranks are few.
const RANK_WEIGHTS = [4, 4, 5, 2, 1];

/** How one LoRA of the zoo is to be trained; what its card says must agree with it. */
export type ZooEntry = {
  id: string;
  /** One or two, the main one first; weights sum to 1 and are shares of the training pictures. */
  styles: { style: Style; weight: number }[];
  /** All training pictures are in it, when there is one. */
  palette: PaletteName | null;
  /** How far it is moved, in parts of the longest training: `steps` follow from it. */
  strength: number;
  rank: number;
  alpha: number;
  format: Format;
  steps: number;
  /** Training pictures are drawn with it, so that two LoRAs of one style saw different ones. */
  dataSeed: number;
  /** What a prompt writes to call it up; one word a style. */
  trigger: string;
};

// Of 60 allowed: what two cores train 240 of in half an hour.
const MOST_STEPS = 36;
const WITH_SECOND_STYLE = 0.25;
const WITH_PALETTE = 0.35;

/**
 * The zoo: each style has a LoRA before any has a second. An entry depends on the seed and its own number
 * alone, so that a smaller world has the first of a larger one's.
 */
export const planZoo = (count: number, seed: number): ZooEntry[] =>
  Array.from({ length: count }, (_, index) => planOne(`lora-${seed}-${index + 1}`, index));

function planOne(id: string, index: number): ZooEntry {
  const draw = drawFrom(seedFrom('zoo', id));
  const styles = stylesOf(STYLE_NAMES[index % STYLE_NAMES.length]!, draw);
  const strength = hundredths(draw.between(0.4, 1));
  const rank = RANKS[draw.weighted(RANK_WEIGHTS)]!;
  return {
    id,
    styles,
    palette: draw.chance(WITH_PALETTE) ? draw.pick(PALETTE_NAMES) : null,
    strength,
    rank,
    alpha: draw.pick([rank, rank / 2, 1]),
    format: FORMATS[draw.weighted(FORMAT_WEIGHTS)]!,
    steps: Math.round(MOST_STEPS * strength),
    dataSeed: draw.whole(1, 2 ** 31 - 1),
    trigger: styles.map(({ style }) => `${style.replaceAll('-', '')}style`).join(', '),
  };
}

function stylesOf(main: Style, draw: Draw): ZooEntry['styles'] {
  if (!draw.chance(WITH_SECOND_STYLE)) return [{ style: main, weight: 1 }];
  const second = draw.pick(STYLE_NAMES.filter((style) => style !== main));
  const weight = hundredths(draw.between(0.25, 0.45));
  return [
    { style: main, weight: hundredths(1 - weight) },
    { style: second, weight },
  ];
}

const hundredths = (value: number) => Math.round(value * 100) / 100;
