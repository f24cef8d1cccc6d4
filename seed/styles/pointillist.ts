import { css, mix, type Rgb, rgb, saturate } from '../colour.ts';
import { SIZE } from '../geometry.ts';
import { everything, num, type PaintStyle } from '../svg.ts';

const STEP = 5.6;
const STRAYS = 0.16;

/** Dots of pure colour beside each other; the eye mixes them. */
export const pointillist: PaintStyle = ({ raster, palette, draw }) => {
  const pure = [...palette.accents, palette.light, palette.water, ...palette.ramp].map(rgb);
  const byColour = new Map<string, string[]>();
  const dot = (x: number, y: number, r: number, colour: Rgb) => {
    const key = css(colour.map((value) => Math.round(value / 12) * 12) as unknown as Rgb);
    const dots = byColour.get(key) ?? [];
    dots.push(`M${num(x)} ${num(y)}h0`);
    byColour.set(`${key}`, dots);
    return r;
  };
  const layers: string[] = [];
  for (const [size, offset] of [
    [7.2, 0],
    [5.2, STEP / 2],
  ] as const) {
    byColour.clear();
    for (let y = offset; y < SIZE + STEP; y += STEP)
      for (let x = offset; x < SIZE + STEP; x += STEP) {
        const [px, py] = [x + draw.between(-2.4, 2.4), y + draw.between(-2.4, 2.4)];
        const seen = saturate(raster.colour(px, py), 0.5);
        const stray = draw.chance(STRAYS) ? mix(seen, draw.pick(pure), 0.55) : seen;
        const shift = draw.between(-26, 26);
        dot(px, py, size, [stray[0] + shift, stray[1] + draw.between(-16, 16), stray[2] - shift]);
      }
    layers.push(
      `<g fill="none" stroke-linecap="round" stroke-width="${size}" opacity="${offset ? 0.95 : 1}">${[...byColour].map(([colour, dots]) => `<path stroke="${colour}" d="${dots.join('')}"/>`).join('')}</g>`,
    );
  }
  return { body: `${everything(palette.paper)}${layers.join('')}` };
};
