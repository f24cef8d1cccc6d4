import { PALETTES, recipeOf } from '../grammar.ts';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~';

/** A BlurHash (woltapp/blurhash) of one component: the mean colour, as the palette's sky, land and water have it. */
export function blurhashOf(id: string): string {
  const { sky, ramp, water } = PALETTES[recipeOf(id)!.palette];
  const colours = [...sky, ramp[2], water].map((colour) => Number.parseInt(colour.slice(1), 16));
  const mean = (shift: number) =>
    Math.round(colours.reduce((sum, colour) => sum + ((colour >> shift) & 255), 0) / colours.length);
  // One by one component (0), no detail (0), then the colour in four digits of base 83.
  return `00${base83((mean(16) << 16) | (mean(8) << 8) | mean(0), 4)}`;
}

const base83 = (value: number, length: number): string =>
  Array.from({ length }, (_, place) => DIGITS[Math.floor(value / 83 ** (length - 1 - place)) % 83]).join('');
