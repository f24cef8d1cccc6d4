import { css, mix, type Rgb, rgb, shade } from '../colour.ts';
import { path } from '../geometry.ts';
import type { Scene, Shape } from '../scene.ts';
import { everything, type PaintStyle } from '../svg.ts';

/** Sheets of coloured paper above each other, each casting a soft shadow on the next. */
export const paperCut: PaintStyle = ({ scene, palette }) => {
  const sheets = layersOf(scene);
  const body = sheets
    .map((sheet) => {
      const shapes = sheet
        .map(({ points, top, bottom, part }) => {
          const flat = tinted(mix(top, bottom, part === 'land' || part === 'water' ? 0.25 : 0.4));
          return `<path d="${path(points)}" fill="${css(flat)}" stroke="${css(shade(flat, 0.3))}" stroke-width="${part === 'detail' ? 0.3 : 0.9}"/>`;
        })
        .join('');
      return `<g filter="url(#lift)">${shapes}</g>`;
    })
    .join('');
  return {
    defs: `<filter id="lift" x="-.05" y="-.05" width="1.1" height="1.15" filterUnits="objectBoundingBox"><feDropShadow dx="1.5" dy="5" stdDeviation="5.5" flood-color="${palette.ink}" flood-opacity=".62"/></filter><filter id="fibre" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency=".5" numOctaves="3" seed="21"/><feColorMatrix values="0 0 0 0 1  0 0 0 0 1  0 0 0 0 1  0 1.6 0 0 -.7"/></filter>`,
    body: `${body}${everything('#fff', 'filter="url(#fibre)" opacity=".28"')}`,
  };
  function tinted(colour: Rgb): Rgb {
    return mix(colour, rgb(palette.paper), 0.08);
  }
};

/** Neighbours in depth and kind lie on one sheet. */
function layersOf(scene: Scene): Shape[][] {
  const layers: Shape[][] = [];
  let key = '';
  for (const shape of scene) {
    const group =
      shape.part === 'detail'
        ? key
        : `${shape.part}${Math.round(shape.depth * 9)}${shape.part === 'light' ? shape.points.length + layers.length : ''}`;
    if (group !== key || layers.length === 0) layers.push([]);
    layers.at(-1)!.push(shape);
    key = group;
  }
  return layers;
}
