import { css, type Rgb, saturate, shade } from '../colour.ts';
import { SIZE } from '../geometry.ts';
import { everything, num, type PaintStyle } from '../svg.ts';

/** Width and length of the strokes, and how far apart, from the ground to the last touches. */
const LAYERS = [
  { wide: 24, long: 62, step: 26 },
  { wide: 12, long: 34, step: 13 },
  { wide: 6.5, long: 19, step: 8.5 },
];

/** Thick strokes that follow the forms, each with a ridge of light and one of shade. */
export const impasto: PaintStyle = ({ raster, draw, palette }) => {
  const [phaseX, phaseY] = [draw.between(0, 6), draw.between(0, 6)];
  const flow = (x: number, y: number) =>
    Math.sin(x * 0.011 + phaseX) * 0.9 + Math.cos(y * 0.014 + phaseY + x * 0.004) * 0.8;
  const strokes: string[] = [];
  LAYERS.forEach(({ wide, long, step }, layer) => {
    const spots: [number, number][] = [];
    for (let y = -step / 2; y < SIZE + step; y += step)
      for (let x = -step / 2; x < SIZE + step; x += step)
        spots.push([x + draw.between(-step, step) / 2, y + draw.between(-step, step) / 2]);
    for (const [x, y] of draw.shuffled(spots)) {
      const edge =
        raster.shape(x - wide, y) !== raster.shape(x + wide, y) ||
        raster.shape(x, y - wide) !== raster.shape(x, y + wide);
      if (layer === 2 && !edge && draw.chance(0.55)) continue;
      const part = raster.part(x, y);
      const upright = part === 'subject' ? 1.15 : part === 'land' ? 0.35 : 0;
      const angle = upright + flow(x, y) * (part === 'water' ? 0.12 : 0.75);
      const length = long * (edge ? 0.55 : 1) * draw.between(0.7, 1.2);
      const [dx, dy] = [(Math.cos(angle) * length) / 2, (Math.sin(angle) * length) / 2];
      const seen = saturate(raster.colour(x, y), 0.28);
      const shift = draw.between(-13, 13);
      const colour: Rgb = [
        seen[0] + shift + draw.between(-8, 8),
        seen[1] + shift,
        seen[2] + shift + draw.between(-8, 8),
      ];
      const bow = draw.between(-0.22, 0.22) * length;
      const line = (off: number) =>
        `M${num(x - dx - dy * off)} ${num(y - dy + dx * off)}q${num(dx - dy * 0.01 * bow)} ${num(dy + bow * 0.4)} ${num(dx * 2)} ${num(dy * 2)}`;
      strokes.push(
        `<path d="${line(0)}" stroke="${css(shade(colour, draw.between(-0.06, 0.08)))}" stroke-width="${num(wide)}"/>`,
      );
      if (layer > 0) {
        const ridge = (wide * 0.36) / (length / 2);
        strokes.push(
          `<path d="${line(ridge)}" stroke="${css(shade(colour, -0.22))}" stroke-width="${num(wide * 0.14)}" opacity=".7"/><path d="${line(-ridge)}" stroke="${css(shade(colour, 0.34))}" stroke-width="${num(wide * 0.16)}" opacity=".75"/>`,
        );
      }
    }
  });
  return {
    body: `${everything(palette.ramp[2])}<g fill="none" stroke-linecap="round">${strokes.join('')}</g>`,
  };
};
