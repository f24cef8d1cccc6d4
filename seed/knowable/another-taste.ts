import type { Draw } from '../draw.ts';
import { PALETTE_NAMES, STYLE_NAMES, SUBJECT_NAMES } from '../grammar.ts';
import { makeTaste, type Taste } from '../taste.ts';

/** One thing about a taste drawn anew; the way back is as likely, weighed by how tastes are made. */
export function anotherTaste(taste: Taste, draw: Draw): Taste {
  const interests = taste.interests.map((interest) => ({ ...interest }));
  const place = draw.whole(0, interests.length - 1);
  const one = interests[place]!;
  const other = <T>(all: readonly T[], taken: readonly T[]) =>
    draw.pick(all.filter((value) => !taken.includes(value)));
  const styles = interests.map(({ style }) => style);
  const move = draw.whole(0, 7);
  if (move === 0) one.style = other(STYLE_NAMES, styles);
  if (move === 1) one.palettes = [other(PALETTE_NAMES, one.palettes), one.palettes[1]];
  if (move === 2) one.palettes = [one.palettes[0], other(PALETTE_NAMES, one.palettes)];
  if (move === 3) one.palettes = [one.palettes[1], one.palettes[0]];
  if (move === 4 && place > 0) one.weight = draw.between(0.6, 1);
  if (move === 5 && interests.length === 3) interests.pop();
  else if (move === 5)
    interests.push({
      ...makeTaste(draw).interests[0]!,
      style: other(STYLE_NAMES, styles),
      weight: draw.between(0.6, 1),
    });
  if (move === 6) {
    // Which interest is the strongest: styles and colours change places, weights stay.
    const mate = interests[draw.whole(0, interests.length - 1)]!;
    [one.style, mate.style] = [mate.style, one.style];
    [one.palettes, mate.palettes] = [mate.palettes, one.palettes];
  }
  const subjects = [...taste.subjects];
  if (move === 7) subjects[draw.whole(0, 2)] = other(SUBJECT_NAMES, subjects);
  return { interests, subjects };
}
