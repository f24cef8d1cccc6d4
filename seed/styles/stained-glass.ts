import { middle, snappedGrid } from '../cells.ts';
import { css, mix, saturate, shade } from '../colour.ts';
import { bounds, type Point, path } from '../geometry.ts';
import { everything, type PaintStyle } from '../svg.ts';

const COUNT = 12;
const LEAD = '#121016';

/** Panes of glowing glass between strips of lead. */
export const stainedGlass: PaintStyle = ({ scene, raster, palette, draw }) => {
  const corners = snappedGrid(raster, draw, COUNT);
  const panes: string[] = [];
  const pane = (points: Point[]) => {
    const [x, y] = middle(...points);
    const colour = saturate(raster.colour(x, y), 0.55);
    const lit = shade(mix(colour, [255, 240, 200], 0.08), draw.between(-0.14, 0.16));
    panes.push(`<path d="${path(points)}" fill="${css(lit)}"/>`);
  };
  for (let row = 0; row < COUNT; row++)
    for (let column = 0; column < COUNT; column++) {
      const [a, b] = [corners[row]![column]!, corners[row]![column + 1]!];
      const [c, d] = [corners[row + 1]![column]!, corners[row + 1]![column + 1]!];
      if (draw.chance(0.45)) pane([a, b, d, c]);
      else if (draw.chance(0.5)) {
        pane([a, b, c]);
        pane([b, d, c]);
      } else {
        pane([a, b, d]);
        pane([a, d, c]);
      }
    }
  const figures = scene
    .filter(({ part, points }) => {
      const { left, right, top, bottom } = bounds(points);
      return (
        (part === 'subject' || part === 'light' || part === 'frame') && (right - left) * (bottom - top) > 500
      );
    })
    .map(
      ({ points, top, bottom }) =>
        `<path d="${path(points)}" fill="${css(saturate(mix(top, bottom, 0.4), 0.6))}" stroke="${LEAD}" stroke-width="3"/>`,
    )
    .join('');
  return {
    defs: `<radialGradient id="sunlight" cx=".5" cy=".38" r=".75"><stop stop-color="#fff" stop-opacity=".34"/><stop offset=".6" stop-color="${palette.light}" stop-opacity=".05"/><stop offset="1" stop-color="#05040a" stop-opacity=".42"/></radialGradient><filter id="glass" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency=".03 .012" numOctaves="3" seed="12"/><feColorMatrix values="0 0 0 0 1  0 0 0 0 1  0 0 0 0 1  2.2 0 0 0 -1.05"/></filter>`,
    body: `<g stroke="${LEAD}" stroke-width="3.2" stroke-linejoin="round">${panes.join('')}</g>${figures}${everything('#fff', 'filter="url(#glass)" opacity=".4"')}${everything('url(#sunlight)')}<rect width="512" height="512" fill="none" stroke="${LEAD}" stroke-width="12"/>`,
  };
};
