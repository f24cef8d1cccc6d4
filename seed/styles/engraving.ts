import { css, lightness, mix, rgb } from '../colour.ts';
import { SIZE } from '../geometry.ts';
import { everything, num, type PaintStyle } from '../svg.ts';

const GAP = 4.6;
const STEP = 4;

/** Lines as on a banknote: they swell where it is dark; a second set crosses them in the deepest shade. */
export const engraving: PaintStyle = ({ raster, palette }) => {
  const paper = mix(rgb(palette.paper), rgb('#efe6d2'), 0.4);
  const ink = css(mix(rgb(palette.ink), rgb(palette.ramp[4]), 0.45));
  const seen = Array.from({ length: 1024 }, (_, n) =>
    lightness(raster.colour((n % 32) * 16 + 8, Math.floor(n / 32) * 16 + 8)),
  ).sort((a, b) => a - b);
  const [darkest, brightest] = [seen[20]!, Math.max(seen[20]! + 0.2, seen[1000]!)];
  /** The picture's own range is stretched over what lines can show, so that a night is no black square. */
  const dark = (x: number, y: number) =>
    Math.max(0, Math.min(1, 1 - (lightness(raster.colour(x, y)) - darkest) / (brightest - darkest))) ** 1.15;
  const line = (
    at: (t: number) => readonly [number, number],
    from: number,
    strength: (darkness: number) => number,
  ) => {
    let above = '';
    let below = '';
    for (let t = from; t <= SIZE + STEP; t += STEP) {
      const [x, y] = at(t);
      const half = (strength(dark(x, y)) * GAP) / 2;
      above += `${above ? 'L' : 'M'}${num(x)} ${num(y - half)}`;
      below = `L${num(x)} ${num(y + half)}${below}`;
    }
    return `${above}${below}Z`;
  };
  const main: string[] = [];
  for (let y = -30; y < SIZE + 30; y += GAP)
    main.push(
      line(
        (t) => [t, y + Math.sin(t * 0.012 + y * 0.004) * 13],
        0,
        (darkness) => 0.06 + darkness * 0.84,
      ),
    );
  const crossing: string[] = [];
  for (let y = -SIZE; y < SIZE; y += GAP * 1.15)
    crossing.push(
      line(
        (t) => [t, y + t * 0.85 + Math.sin(t * 0.02) * 4],
        0,
        (darkness) => Math.max(0, darkness - 0.5) * 0.95,
      ),
    );
  return {
    body: `${everything(css(paper))}<path d="${main.join('')}" fill="${ink}"/><path d="${crossing.join('')}" fill="${ink}"/>`,
  };
};
