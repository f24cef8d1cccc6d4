import { PALETTE_NAMES, STYLE_NAMES, SUBJECT_NAMES } from '../grammar.ts';
import type { Taste } from '../taste.ts';

/** Part of what someone of this taste looks for that is this style, in these colours or any (seed/sessions.ts). */
export function interestIn({ interests }: Taste, style: string, palette: string | null): number {
  let [sum, all] = [0, 0];
  for (const interest of interests) {
    all += interest.weight;
    if (interest.style !== style) continue;
    const colours =
      palette === null
        ? 1
        : palette === interest.palettes[0]
          ? 0.6
          : palette === interest.palettes[1]
            ? 0.4
            : 0;
    sum += interest.weight * colours;
  }
  return sum / all;
}

/** Chance that someone of this taste makes this picture (seed/people.ts, recipeBy). */
export function makes(
  { interests, subjects }: Taste,
  style: string,
  palette: string,
  subject: string,
): number {
  const all = interests.reduce((sum, { weight }) => sum + weight, 0);
  let sum = 0;
  for (const { style: own, palettes, weight } of interests) {
    const inStyle = 0.15 / STYLE_NAMES.length + (own === style ? 0.85 : 0);
    const liked = palette === palettes[0] ? 0.6 : palette === palettes[1] ? 0.4 : 0;
    sum += (weight / all) * inStyle * (0.3 / PALETTE_NAMES.length + 0.7 * liked);
  }
  const shows =
    0.4 / SUBJECT_NAMES.length + (subjects.includes(subject as never) ? 0.6 / subjects.length : 0);
  return sum * shows;
}
