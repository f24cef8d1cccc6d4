import { css, mix, rgb, saturate } from '../colour.ts';
import type { Draw } from '../draw.ts';
import { bounds, box, type Point, path, SIZE } from '../geometry.ts';
import { everything, gradients, num, type PaintStyle, shapePath } from '../svg.ts';

const SHARDS = 30;

/** The view is cut into planes that do not quite fit: each shows it turned, shifted and lit in its own way. */
export const cubist: PaintStyle = ({ scene, palette, draw }) => {
  const { fill, defs } = gradients();
  const earth = rgb('#8c7355');
  const view = scene
    .filter(({ part, points }) => {
      const { left, right, top, bottom } = bounds(points);
      return part !== 'detail' || (right - left) * (bottom - top) > 110;
    })
    .map((shape) =>
      shapePath(
        shape,
        `fill="${fill(mix(saturate(shape.top, 0.15), earth, 0.12), mix(saturate(shape.bottom, 0.15), earth, 0.16))}"${shape.part === 'subject' ? ` stroke="${palette.ink}" stroke-width="1.1"` : ''}`,
      ),
    )
    .join('');
  const planes = shards(draw).map((points, n) => {
    const { left, right, top, bottom } = bounds(points);
    const [cx, cy] = [(left + right) / 2, (top + bottom) / 2];
    const size = draw.between(1, 1.16);
    const transform = `translate(${num(cx + draw.between(-15, 15))} ${num(cy + draw.between(-15, 15))})rotate(${num(draw.between(-11, 11))})scale(${size.toFixed(2)})translate(${num(-cx)} ${num(-cy)})`;
    const outline = path(points);
    const across = draw.chance(0.5);
    const tint = draw.pick(['#fff', '#000', '#000', palette.accents[1], '#fff']);
    return {
      defs: `<clipPath id="p${n}"><path d="${outline}"/></clipPath><linearGradient id="l${n}" ${across ? '' : 'x2="0" y2="1"'}><stop stop-color="${tint}" stop-opacity=".36"/><stop offset=".8" stop-color="${tint}" stop-opacity="0"/></linearGradient>`,
      body: `<g clip-path="url(#p${n})"><use href="#view" transform="${transform}"/><path d="${outline}" fill="url(#l${n})"/></g><path d="${outline}" fill="none" stroke="${palette.ink}" stroke-width="${num(draw.between(0.8, 2.4))}" opacity=".85"/>`,
    };
  });
  return {
    defs: `${defs()}<g id="view">${view}</g>${planes.map((plane) => plane.defs).join('')}<filter id="rub" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency=".4 .05" numOctaves="3" seed="3"/><feColorMatrix values="0 0 0 0 ${num(earth[0] / 255)}  0 0 0 0 .36  0 0 0 0 .22  0 2 0 0 -.95"/></filter>`,
    body: `${everything(css(earth))}${planes.map((plane) => plane.body).join('')}${everything('#000', 'filter="url(#rub)" opacity=".4"')}`,
  };
};

/** Convex pieces of the square, the largest cut first. */
function shards(draw: Draw): Point[][] {
  const pieces: Point[][] = [box(0, 0, SIZE, SIZE)];
  while (pieces.length < SHARDS) {
    pieces.sort((a, b) => area(b) - area(a));
    pieces.push(...split(pieces.shift()!, draw));
  }
  return pieces;
}

function split(piece: Point[], draw: Draw): Point[][] {
  const { left, right, top, bottom } = bounds(piece);
  const [cx, cy] = [
    left + (right - left) * draw.between(0.35, 0.65),
    top + (bottom - top) * draw.between(0.35, 0.65),
  ];
  const angle = (right - left > bottom - top ? Math.PI / 2 : 0) + draw.between(-0.7, 0.7);
  const side = ([x, y]: Point) => (x - cx) * Math.sin(angle) - (y - cy) * Math.cos(angle);
  const half = (sign: number): Point[] =>
    piece.flatMap((point, i) => {
      const next = piece[(i + 1) % piece.length]!;
      const [a, b] = [side(point) * sign, side(next) * sign];
      const kept: Point[] = a >= 0 ? [point] : [];
      const t = a / (a - b);
      return a >= 0 === b >= 0
        ? kept
        : [...kept, [point[0] + (next[0] - point[0]) * t, point[1] + (next[1] - point[1]) * t] as Point];
    });
  return [half(1), half(-1)].filter((points) => points.length > 2);
}

const area = (points: Point[]) =>
  Math.abs(
    points.reduce((sum, [x, y], i) => {
      const [nx, ny] = points[(i + 1) % points.length]!;
      return sum + x * ny - nx * y;
    }, 0),
  ) / 2;
