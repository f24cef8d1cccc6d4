import type { Draw } from './draw.ts';
import {
  PALETTE_NAMES,
  type PaletteName,
  type Recipe,
  STYLE_NAMES,
  type Style,
  SUBJECT_NAMES,
  type Subject,
} from './grammar.ts';
import type { ZooEntry } from './zoo.ts';

/** One style in certain colours. What goes for one interest need not go for another. */
export type Interest = {
  style: Style;
  palettes: [favourite: PaletteName, second: PaletteName];
  weight: number;
};
/** What a person likes: a mixture of interests, the strongest first, and a few subjects everywhere. */
export type Taste = { interests: Interest[]; subjects: Subject[] };

/** Who likes one of a pair likes the other a little. */
const KINDRED: readonly (readonly [Style, Style])[] = [
  ['gouache', 'watercolour'],
  ['ink-wash', 'engraving'],
  ['woodcut', 'ukiyo-e'],
  ['low-poly', 'cubist'],
  ['stained-glass', 'mosaic'],
  ['pointillist', 'impasto'],
  ['art-deco', 'paper-cut'],
  ['synthwave', 'pixel-art'],
];
const AS_KINDRED = 0.3;
const AS_STRANGE = 0.02;
const PALETTE_MATCH = { favourite: 1, second: 0.75, other: 0.15, any: 0.8 };
const OTHER_SUBJECT = 0.5;

export function makeTaste(draw: Draw): Taste {
  const styles = draw.shuffled(STYLE_NAMES).slice(0, draw.whole(2, 3));
  return {
    interests: styles.map((style, n) => {
      const [favourite, second] = draw.shuffled(PALETTE_NAMES) as [PaletteName, PaletteName];
      return { style, palettes: [favourite, second], weight: n === 0 ? 1 : draw.between(0.6, 1) };
    }),
    subjects: draw.shuffled(SUBJECT_NAMES).slice(0, 3),
  };
}

/** 1 for a picture in the favourite colours of the strongest interest that shows what the person likes to see. */
export function likesRecipe(taste: Taste, { style, palette, subject }: Recipe): number {
  const subjects = taste.subjects.includes(subject) ? 1 : OTHER_SUBJECT;
  return subjects * best(taste, style, palette);
}

/** A LoRA is as good to a person as what it draws; one without a palette leaves the colours to them. */
export function likesModel(taste: Taste, { styles, palette }: Pick<ZooEntry, 'styles' | 'palette'>): number {
  return styles.reduce((sum, { style, weight }) => sum + weight * best(taste, style, palette), 0);
}

/** What the interest says that it fits best: interests do not add up. */
const best = (taste: Taste, style: Style, palette: PaletteName | null): number =>
  Math.max(
    ...taste.interests.map(
      ({ style: liked, palettes, weight }) => weight * alike(liked, style) * inColours(palettes, palette),
    ),
  );

function alike(liked: Style, style: Style): number {
  if (liked === style) return 1;
  return KINDRED.some((pair) => pair.includes(liked) && pair.includes(style)) ? AS_KINDRED : AS_STRANGE;
}

function inColours([favourite, second]: Interest['palettes'], palette: PaletteName | null): number {
  if (palette === null) return PALETTE_MATCH.any;
  if (palette === favourite) return PALETTE_MATCH.favourite;
  return palette === second ? PALETTE_MATCH.second : PALETTE_MATCH.other;
}
