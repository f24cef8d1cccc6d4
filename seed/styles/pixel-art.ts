import { css, mix, type Rgb, rgb, saturate } from '../colour.ts';
import { SIZE } from '../geometry.ts';
import type { PaintStyle } from '../svg.ts';

const CELLS = 72;
const CELL = SIZE / CELLS;
/** Ordered dithering: thresholds of a 4 × 4 Bayer matrix, around 0. */
const BAYER = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5].map((value) => (value + 0.5) / 16 - 0.5);
const DITHER = 15;

/** Large square pixels of some thirty colours, dithered where one runs into another. */
export const pixelArt: PaintStyle = ({ raster, palette }) => {
  const inks = [
    ...palette.sky,
    palette.light,
    ...palette.ramp,
    palette.water,
    ...palette.accents,
    palette.ink,
    palette.paper,
  ].map(rgb);
  const colours = [
    ...inks,
    ...palette.ramp.slice(1).map((tone, i) => mix(rgb(tone), rgb(palette.ramp[i]!), 0.5)),
    ...[0.16, 0.33, 0.5, 0.66, 0.83].map((share) => mix(inks[0]!, inks[1]!, share)),
    mix(rgb(palette.water), rgb(palette.sky[1]), 0.4),
    mix(rgb(palette.sky[1]), rgb(palette.light), 0.5),
    mix(rgb(palette.water), rgb(palette.ink), 0.4),
    mix(rgb(palette.accents[0]), rgb(palette.ink), 0.3),
  ];
  const nearest = (wanted: Rgb) => {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    colours.forEach(([r, g, b], i) => {
      const away = 2 * (r - wanted[0]) ** 2 + 4 * (g - wanted[1]) ** 2 + 3 * (b - wanted[2]) ** 2;
      if (away < least) [best, least] = [i, away];
    });
    return best;
  };
  const runs = colours.map(() => [] as string[]);
  for (let row = 0; row < CELLS; row++) {
    let start = 0;
    let current = -1;
    for (let column = 0; column <= CELLS; column++) {
      const seen = saturate(raster.colour((column + 0.5) * CELL, (row + 0.5) * CELL), 0.18);
      const push = BAYER[(row % 4) * 4 + (column % 4)]! * DITHER;
      const ink = column === CELLS ? -1 : nearest([seen[0] + push, seen[1] + push, seen[2] + push]);
      if (ink === current) continue;
      if (current >= 0) runs[current]!.push(`M${start} ${row}h${column - start}v1h-${column - start}z`);
      [start, current] = [column, ink];
    }
  }
  const body = runs
    .map((paths, ink) =>
      paths.length > 0 ? `<path d="${paths.join('')}" fill="${css(colours[ink]!)}"/>` : '',
    )
    .join('');
  return { body: `<g transform="scale(${CELL})" shape-rendering="crispEdges">${body}</g>` };
};
