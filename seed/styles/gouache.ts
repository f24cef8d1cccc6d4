import { mix, rgb, shade } from '../colour.ts';
import { everything, gradients, type PaintStyle, shapePath } from '../svg.ts';

/** Matte shapes with soft edges, dry-brush grain inside each. */
export const gouache: PaintStyle = ({ scene, palette }) => {
  const { fill, defs } = gradients();
  const body = scene
    .map((shape) =>
      shapePath(shape, `fill="${fill(shade(shape.top, 0.05), mix(shape.bottom, rgb(palette.light), 0.04))}"`),
    )
    .join('');
  return {
    defs: `${defs()}<filter id="dry" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency=".018 .045" numOctaves="4" seed="3"/><feColorMatrix values="0 0 0 0 1  0 0 0 0 1  0 0 0 0 1  0 2.4 0 0 -1.05"/></filter><filter id="edge" x="-.02" y="-.02" width="1.04" height="1.04"><feTurbulence type="fractalNoise" baseFrequency=".06" numOctaves="2" seed="8"/><feDisplacementMap in="SourceGraphic" scale="3.2" xChannelSelector="R" yChannelSelector="G"/></filter>`,
    body: `<g filter="url(#edge)">${body}</g>${everything('#fff', 'filter="url(#dry)" opacity=".2"')}`,
  };
};
