import { SIZE } from './geometry.ts';
import type { Medium, Palette } from './grammar.ts';
import { everything, type Painting } from './svg.ts';

type Finish = (painting: Painting, palette: Palette) => { defs: string; body: string };

const grain = (id: string, frequency: string, strength: number) =>
  `<filter id="${id}" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="${frequency}" numOctaves="3" seed="11"/><feColorMatrix values="0 0 0 0 0  0 0 0 0 0  0 0 0 0 0  ${strength} 0 0 0 ${-strength * 0.5}"/></filter>`;
const vignette = (strength: number) =>
  `<radialGradient id="vignette" r=".75"><stop offset=".55" stop-opacity="0"/><stop offset="1" stop-opacity="${strength}"/></radialGradient>`;

/** What a picture is made on: the last layer, the same for every style. */
export const finish: Record<Medium, Finish> = {
  /** A weave shows through. */
  canvas: ({ defs = '', body }) => ({
    defs: `${defs}<pattern id="weave" width="4" height="4" patternUnits="userSpaceOnUse"><path d="M0 1H2M2 3H4" stroke="#fff" stroke-width="1" opacity=".5"/><path d="M1 2V4M3 0V2" stroke="#000" stroke-width="1" opacity=".55"/></pattern>${vignette(0.22)}`,
    body: `${body}${everything('url(#weave)', 'opacity=".13"')}${everything('url(#vignette)')}`,
  }),
  /** Torn edges on a sheet with grain. */
  paper: ({ defs = '', body }, palette) => ({
    defs: `${defs}${grain('grain', '.7', 1.1)}<filter id="torn" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency=".035" numOctaves="3" seed="5"/><feDisplacementMap in="SourceGraphic" scale="15" xChannelSelector="R" yChannelSelector="G"/></filter><mask id="sheet">${`<rect x="17" y="17" width="${SIZE - 34}" height="${SIZE - 34}" fill="#fff" filter="url(#torn)"/>`}</mask>`,
    body: `${everything(palette.paper)}<g mask="url(#sheet)">${body}</g>${everything('#000', 'filter="url(#grain)" opacity=".22"')}`,
  }),
  /** A white margin with a thin line around the plate. */
  print: ({ defs = '', body }, palette) => ({
    defs: `${defs}${grain('grain', '.9', 0.9)}<clipPath id="plate"><rect x="30" y="30" width="${SIZE - 60}" height="${SIZE - 60}"/></clipPath>`,
    body: `${everything(palette.paper)}<g clip-path="url(#plate)">${body}</g><rect x="30" y="30" width="${SIZE - 60}" height="${SIZE - 60}" fill="none" stroke="${palette.ink}" stroke-width="1.4"/><rect x="24.5" y="24.5" width="${SIZE - 49}" height="${SIZE - 49}" fill="none" stroke="${palette.ink}" stroke-width=".5" opacity=".6"/>${everything('#000', 'filter="url(#grain)" opacity=".1"')}`,
  }),
  /** To the edge, darker in the corners. */
  screen: ({ defs = '', body }) => ({
    defs: `${defs}${vignette(0.38)}`,
    body: `${body}${everything('url(#vignette)')}`,
  }),
};
