import { css, lightness, mix, rgb } from '../colour.ts';
import { path, SIZE } from '../geometry.ts';
import { everything, num, type PaintStyle } from '../svg.ts';

const GAP = 4.6;
const STEP = 4;

/** Lines as on a banknote: they swell where it is dark; a second set crosses them in the deepest shade. */
export const engraving: PaintStyle = ({ scene, raster, palette }) => {
  const paper = mix(rgb(palette.paper), rgb('#efe6d2'), 0.4);
  const ink = css(mix(rgb(palette.ink), rgb(palette.ramp[4]), 0.45));
  const dark = (x: number, y: number) => Math.max(0, Math.min(1, 1.08 - lightness(raster.colour(x, y)) * 1.12));
  const line = (at: (t: number) => readonly [number, number], from: number, strength: (darkness: number) => number) => {
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
  for (let y = -30; y < SIZE + 30; y += GAP) main.push(line((t) => [t, y + Math.sin(t * 0.012 + y * 0.004) * 13], 0, (darkness) => 0.06 + darkness * 0.84));
  const crossing: string[] = [];
  for (let y = -SIZE; y < SIZE; y += GAP * 1.15) crossing.push(line((t) => [t, y + t * 0.85 + Math.sin(t * 0.02) * 4], 0, (darkness) => Math.max(0, darkness - 0.5) * 0.95));
  const outlines = scene
    .filter(({ part }) => part !== 'sky' && part !== 'detail')
    .map(({ points, depth }) => `<path d="${path(points)}" stroke-width="${num(0.5 + depth)}"/>`)
    .join('');
  return {
    body: `${everything(css(paper))}<path d="${main.join('')}" fill="${ink}"/><path d="${crossing.join('')}" fill="${ink}"/><g fill="none" stroke="${ink}" opacity=".0">${outlines}</g>`,
  };
};
