import { css, lightness, mix, rgb } from '../colour.ts';
import { path } from '../geometry.ts';
import { type Shape, SUN_DEPTH } from '../scene.ts';
import { everything, gradients, type PaintStyle } from '../svg.ts';

const PAPER = rgb('#f6f1e6');
const INK = rgb('#15161a');
const SEAL = '#b8322a';

/** Black ink, thinned with water by distance; the sun and a seal are the only red. */
export const inkWash: PaintStyle = ({ scene, draw }) => {
  const { fill, defs } = gradients();
  const tone = (shape: Shape, from: 'top' | 'bottom') => {
    const dark = 1 - lightness(shape[from]);
    const share = shape.part === 'detail' ? dark * 1.05 : (0.16 + dark * 0.5) * (0.35 + shape.depth * 0.95);
    return mix(PAPER, INK, Math.min(0.96, share));
  };
  const sun = scene.filter(({ part, depth }) => part === 'light' && depth === SUN_DEPTH).at(-1);
  const painted = scene.filter(({ part }) => part !== 'sky' && part !== 'light' && part !== 'cloud');
  const washes = painted
    .map((shape) => {
      const fade =
        shape.part === 'land' || shape.part === 'water'
          ? mix(tone(shape, 'bottom'), PAPER, 0.55)
          : tone(shape, 'bottom');
      return `<path d="${path(shape.points)}" fill="${fill(tone(shape, 'top'), fade)}" opacity="${shape.depth > 0.5 ? 0.94 : 0.82}"/>`;
    })
    .join('');
  const strokes = painted
    .filter(({ part }) => part === 'subject' || part === 'land')
    .map(
      ({ points, depth }) =>
        `<path d="${path(points)}" fill="none" stroke="${css(INK)}" stroke-width="${(0.6 + depth * 2.4).toFixed(1)}" opacity="${(0.25 + depth * 0.6).toFixed(2)}" stroke-dasharray="${draw.whole(40, 160)} ${draw.whole(4, 40)}"/>`,
    )
    .join('');
  const [sx, sy] = [draw.pick([58, 418]), draw.whole(388, 408)];
  const seal = `<g transform="translate(${sx} ${sy})"><rect width="34" height="44" rx="3" fill="${SEAL}"/><path d="M8 9H26M17 9V20M9 20H25M10 26H24M10 26V36H24V26M17 26V36" stroke="#f6f1e6" stroke-width="2.6" fill="none"/></g>`;
  return {
    defs: `${defs()}<filter id="brush" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency=".035" numOctaves="3" seed="4" result="n"/><feDisplacementMap in="SourceGraphic" in2="n" scale="13" xChannelSelector="R" yChannelSelector="G"/><feGaussianBlur stdDeviation=".9"/></filter><filter id="dry" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency=".012 .3" numOctaves="3" seed="6"/><feColorMatrix values="0 0 0 0 .965  0 0 0 0 .945  0 0 0 0 .9  0 2.6 0 0 -1.25"/></filter><filter id="fog" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency=".004 .011" numOctaves="4" seed="9"/><feColorMatrix values="0 0 0 0 .965  0 0 0 0 .945  0 0 0 0 .9  2.6 0 0 0 -1.05"/></filter>`,
    body: `${everything(css(PAPER))}${sun ? `<path d="${path(sun.points)}" fill="${SEAL}" opacity=".82" filter="url(#brush)"/>` : ''}<g filter="url(#brush)">${washes}${strokes}</g>${everything('#fff', 'filter="url(#fog)" opacity=".75"')}${everything('#fff', 'filter="url(#dry)" opacity=".4"')}${seal}`,
  };
};
