import { middle, snappedGrid } from '../cells.ts';
import { css, saturate, shade } from '../colour.ts';
import { type Point, path } from '../geometry.ts';
import type { PaintStyle } from '../svg.ts';

const COUNT = 27;

/** Triangles with one colour each, lit from the upper left. */
export const lowPoly: PaintStyle = ({ raster, draw }) => {
  const corners = snappedGrid(raster, draw, COUNT);
  const facets: string[] = [];
  for (let row = 0; row < COUNT; row++)
    for (let column = 0; column < COUNT; column++) {
      const [a, b] = [corners[row]![column]!, corners[row]![column + 1]!];
      const [c, d] = [corners[row + 1]![column]!, corners[row + 1]![column + 1]!];
      const halves: [Point[], number][] = draw.chance(0.5)
        ? [
            [[a, b, c], 0.09],
            [[b, d, c], -0.09],
          ]
        : [
            [[a, b, d], 0.05],
            [[a, d, c], -0.07],
          ];
      for (const [points, light] of halves) {
        const [x, y] = middle(...points);
        const colour = css(shade(saturate(raster.colour(x, y), 0.12), light + draw.between(-0.05, 0.05)));
        facets.push(`<path d="${path(points)}" fill="${colour}" stroke="${colour}" stroke-width=".7"/>`);
      }
    }
  return { body: facets.join('') };
};
