import {
  PALETTE_NAMES,
  type PaletteName,
  type Recipe,
  STYLE_NAMES,
  type Style,
  SUBJECT_NAMES,
} from '../grammar.ts';
import { likesModel, likesRecipe, type Taste } from '../taste.ts';

const COLOURS = PALETTE_NAMES.length + 1;
/** Places of a table of likings: style by palette (the last one: any colours). */
export const cellOf = (style: string, palette: string | null): number =>
  STYLE_NAMES.indexOf(style as never) * COLOURS +
  (palette === null ? COLOURS - 1 : PALETTE_NAMES.indexOf(palette as never));

/** A taste as tables: how much each style in each colours is liked, and each subject. */
export type Tables = { taste: Taste; cells: Float64Array; subjects: Float64Array };

/** What is liked by whoever has one interest alone, of weight 1: how alike styles are, and what colours count. */
const alone = (interest: Taste['interests'][number], style: Style, palette: PaletteName): number => {
  const subject = SUBJECT_NAMES[0]!;
  const recipe = { style, palette, subject } as Recipe;
  return likesRecipe({ interests: [interest], subjects: [subject] }, recipe);
};
const [FAVOURITE, SECOND, OTHER] = PALETTE_NAMES as readonly PaletteName[] as [
  PaletteName,
  PaletteName,
  PaletteName,
];
const liking = (style: Style) =>
  ({ style, palettes: [FAVOURITE, SECOND], weight: 1 }) as Taste['interests'][number];
const ALIKE = STYLE_NAMES.map((own) =>
  Float64Array.from(STYLE_NAMES, (style) => alone(liking(own), style, FAVOURITE)),
);
const [S] = STYLE_NAMES;
const IN_SECOND = alone(liking(S), S, SECOND);
const IN_OTHERS = alone(liking(S), S, OTHER);
const IN_ANY = likesModel(
  { interests: [liking(S)], subjects: [] },
  { styles: [{ style: S, weight: 1 }], palette: null },
);

export function tablesOf(taste: Taste): Tables {
  const cells = new Float64Array(STYLE_NAMES.length * COLOURS);
  for (const { style, palettes, weight } of taste.interests) {
    const alike = ALIKE[STYLE_NAMES.indexOf(style)]!;
    const favourite = PALETTE_NAMES.indexOf(palettes[0]);
    const second = PALETTE_NAMES.indexOf(palettes[1]);
    for (let cell = 0; cell < cells.length; cell++) {
      const colour = cell % COLOURS;
      const inColours =
        colour === favourite
          ? 1
          : colour === second
            ? IN_SECOND
            : colour === COLOURS - 1
              ? IN_ANY
              : IN_OTHERS;
      const value = weight * alike[Math.floor(cell / COLOURS)]! * inColours;
      if (value > cells[cell]!) cells[cell] = value;
    }
  }
  const subjects = Float64Array.from(SUBJECT_NAMES, (name) => (taste.subjects.includes(name) ? 1 : 0.5));
  return { taste, cells, subjects };
}
