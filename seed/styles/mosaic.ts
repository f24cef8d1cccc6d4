import { css, lightness, mix, rgb, saturate, shade } from '../colour.ts';
import { SIZE } from '../geometry.ts';
import { everything, num, type PaintStyle } from '../svg.ts';

const TILE = 8.2;

/** Small stones in mortar, set in gently curving rows. */
export const mosaic: PaintStyle = ({ raster, palette, draw }) => {
  const mortar = mix(rgb(palette.ink), rgb('#6d6458'), 0.55);
  const stones: string[] = [];
  for (let row = -2; row * TILE < SIZE + 20; row++)
    for (let column = -1; column * TILE < SIZE + 10; column++) {
      const x = (column + (row % 2 ? 0.5 : 0)) * TILE + TILE / 2;
      const y = row * TILE + TILE / 2 + Math.sin(x * 0.018 + row * 0.05) * 7;
      const seen = raster.colour(x, y);
      const stone = shade(
        draw.chance(0.03) ? mix(seen, rgb(palette.accents[1]), 0.3) : saturate(seen, 0.25),
        draw.between(-0.12, 0.16),
      );
      const half = () => num(draw.between(3.1, 3.8));
      const turn = Math.round(draw.between(-9, 9) + Math.cos(x * 0.018 + row * 0.05) * 8);
      stones.push(
        `<path transform="translate(${num(x)} ${num(y)})rotate(${turn})" d="M-${half()}-${half()}L${half()}-${half()}L${half()} ${half()}L-${half()} ${half()}Z" fill="${css(stone)}"${lightness(stone) > 0.7 ? ' opacity=".96"' : ''}/>`,
      );
    }
  return {
    defs: '<filter id="relief" x="0" y="0" width="1" height="1"><feGaussianBlur in="SourceAlpha" stdDeviation=".8" result="a"/><feOffset in="a" dx="1" dy="1.4" result="s"/><feFlood flood-opacity=".55"/><feComposite in2="s" operator="in"/><feMerge><feMergeNode/><feMergeNode in="SourceGraphic"/></feMerge></filter>',
    body: `${everything(css(mortar))}<g filter="url(#relief)">${stones.join('')}</g>`,
  };
};
