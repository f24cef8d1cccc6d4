import { css, mix, rgb, saturate, shade } from '../colour.ts';
import { bounds, path, SIZE } from '../geometry.ts';
import { SUN_DEPTH } from '../scene.ts';
import { everything, num, type PaintStyle } from '../svg.ts';

/** Dark shapes with glowing outlines, a striped sun, a grid that runs to the horizon. */
export const synthwave: PaintStyle = ({ scene, palette, draw }) => {
  const night = mix(rgb(palette.ink), rgb('#0e0428'), 0.8);
  const tube = (colour: string, tint: string) =>
    css(shade(mix(saturate(rgb(colour), 0.8), rgb(tint), 0.5), 0.1));
  const neon = [
    tube(palette.accents[0], '#ff2e97'),
    tube(palette.accents[1], '#2de2e6'),
    tube(palette.sky[1], '#b537f2'),
    tube(palette.ramp[1], '#7b5cff'),
  ];
  const sun = scene.filter(({ part, depth }) => part === 'light' && depth === SUN_DEPTH).at(-1);
  const at = sun ? bounds(sun.points) : { left: 210, right: 330, top: 70, bottom: 190 };
  const [cx, cy, r] = [
    (at.left + at.right) / 2,
    (at.top + at.bottom) / 2,
    Math.max(58, (at.right - at.left) * 0.85),
  ];
  const stripes = Array.from(
    { length: 8 },
    (_, n) =>
      `<rect x="${num(cx - r)}" y="${num(cy - r * 0.1 + n * r * 0.145)}" width="${num(r * 2)}" height="${num(1.6 + n * r * 0.011)}" fill="${css(mix(night, rgb('#3a1060'), 0.5))}"/>`,
  ).join('');
  const lines = scene
    .filter(({ part, depth }) => part !== 'sky' && !(part === 'light' && depth <= SUN_DEPTH))
    .map(({ points, top, part, depth }, n) => ({
      outline: path(points),
      colour:
        part === 'detail'
          ? neon[3]!
          : part === 'water' || part === 'land'
            ? neon[1 + (n % 2)]!
            : neon[n % 3]!,
      width: part === 'detail' ? 0.7 : 1.3 + depth,
      fill: css(mix(night, top, part === 'detail' ? 0.45 : 0.16)),
      veil: part === 'cloud' ? 0.25 : part === 'light' ? 0.4 : 0.93,
    }));
  const outlines = lines
    .map(
      ({ outline, colour, width, fill, veil }) =>
        `<path d="${outline}" fill="${fill}" fill-opacity="${veil}" stroke="${colour}" stroke-width="${num(width)}"/>`,
    )
    .join('');
  const glow = lines
    .filter(({ width }) => width > 1)
    .map(
      ({ outline, colour, width }) =>
        `<path d="${outline}" stroke="${colour}" stroke-width="${num(width * 2.2)}"/>`,
    )
    .join('');
  const ground = scene.find(({ part }) => part === 'water' || part === 'land');
  const horizon = ground ? Math.min(SIZE - 120, Math.max(180, bounds(ground.points).top + 30)) : 330;
  const columns = Array.from(
    { length: 31 },
    (_, n) => `M${num(SIZE / 2 + (n - 15) * 13)} ${num(horizon)}L${num(SIZE / 2 + (n - 15) * 96)} ${SIZE}`,
  ).join('');
  const rows = Array.from(
    { length: 13 },
    (_, n) => `M0 ${num(horizon + (SIZE - horizon) * (n / 12) ** 2.1)}H${SIZE}`,
  ).join('');
  const stars = Array.from(
    { length: 70 },
    () =>
      `<circle cx="${draw.whole(0, 512)}" cy="${draw.whole(0, 260)}" r="${num(draw.between(0.4, 1.3))}"/>`,
  ).join('');
  return {
    defs: `<linearGradient id="night" x2="0" y2="1"><stop stop-color="${css(night)}"/><stop offset=".55" stop-color="${css(mix(night, mix(rgb(palette.sky[0]), rgb('#3b1a78'), 0.6), 0.75))}"/><stop offset=".75" stop-color="${css(mix(rgb('#7a1f8c'), rgb(palette.accents[0]), 0.4))}"/><stop offset="1" stop-color="${css(night)}"/></linearGradient><linearGradient id="sun" x2="0" y2="1"><stop stop-color="#fff3a0"/><stop offset=".45" stop-color="${neon[1]}"/><stop offset="1" stop-color="${neon[0]}"/></linearGradient><filter id="glow" x="0" y="0" width="1" height="1"><feGaussianBlur stdDeviation="5" result="b"/><feMerge><feMergeNode in="b"/><feMergeNode in="b"/><feMergeNode in="b"/></feMerge></filter><pattern id="scan" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="1.4" fill="#000"/></pattern>`,
    body: `${everything('url(#night)')}<g fill="#fff" opacity=".8">${stars}</g><circle cx="${num(cx)}" cy="${num(cy)}" r="${num(r * 1.25)}" fill="${neon[0]}" opacity=".5" filter="url(#glow)"/><circle cx="${num(cx)}" cy="${num(cy)}" r="${num(r)}" fill="url(#sun)"/>${stripes}${outlines}<g fill="none" filter="url(#glow)" opacity=".75">${glow}</g><g opacity=".5"><path d="${columns}${rows}" stroke="${neon[0]}" fill="none" stroke-width="1"/></g>${everything('url(#scan)', 'opacity=".2"')}`,
  };
};
