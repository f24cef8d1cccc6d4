import { css, lightness, mix, type Rgb, rgb, shade } from '../colour.ts';
import { bounds, path, SIZE } from '../geometry.ts';
import { SUN_DEPTH } from '../scene.ts';
import { everything, num, type PaintStyle } from '../svg.ts';

/** Few flat colours, rays behind everything, gold lines and a stepped gold frame. */
export const artDeco: PaintStyle = ({ scene, palette }) => {
  const tones = [
    palette.ink,
    palette.ramp[4],
    palette.ramp[3],
    palette.ramp[2],
    palette.accents[0],
    palette.ramp[0],
    '#f3e2b3',
  ].map(rgb);
  const flat = (colour: Rgb) => {
    const wanted = lightness(colour);
    return tones.reduce((best, tone) =>
      Math.abs(lightness(tone) - wanted) < Math.abs(lightness(best) - wanted) ? tone : best,
    );
  };
  const sun = scene.filter(({ part, depth }) => part === 'light' && depth === SUN_DEPTH).at(-1);
  const at = sun ? bounds(sun.points) : { left: 226, right: 286, top: 110, bottom: 170 };
  const [cx, cy, r] = [
    (at.left + at.right) / 2,
    (at.top + at.bottom) / 2,
    Math.max(26, (at.right - at.left) / 2),
  ];
  const [dark, bright] = [
    css(shade(mix(rgb(palette.sky[0]), rgb(palette.ink), 0.45), 0)),
    css(mix(rgb(palette.sky[0]), rgb(palette.sky[1]), 0.35)),
  ];
  const rays = Array.from({ length: 36 }, (_, n) => {
    const [a, b] = [(n / 36) * Math.PI * 2, ((n + 0.5) / 36) * Math.PI * 2];
    return `<path d="M${num(cx)} ${num(cy)}L${num(cx + Math.cos(a) * 800)} ${num(cy + Math.sin(a) * 800)}L${num(cx + Math.cos(b) * 800)} ${num(cy + Math.sin(b) * 800)}Z"/>`;
  }).join('');
  const rings = [1.5, 1.75, 2.3]
    .map(
      (size) =>
        `<circle cx="${num(cx)}" cy="${num(cy)}" r="${num(r * size)}" fill="none" stroke="url(#gold)" stroke-width="${size > 2 ? 1 : 2.4}"/>`,
    )
    .join('');
  const shapes = scene
    .filter(({ part, depth }) => part !== 'sky' && !(part === 'light' && depth < 0.05))
    .map(({ points, top, bottom, part, depth }) => {
      const fill = css(part === 'cloud' ? rgb(palette.sky[0]) : flat(mix(top, bottom, 0.5)));
      const gold = part === 'detail' ? 0 : part === 'cloud' ? 1 : 0.9 + depth * 0.9;
      return `<path d="${path(points)}" fill="${fill}" stroke="url(#gold)" stroke-width="${num(gold)}"${part === 'cloud' ? ' fill-opacity=".55"' : ''}/>`;
    })
    .join('');
  const frame = [10, 17, 30].map((inset, n) => {
    const [far, cut] = [SIZE - inset, 12 + n * 9];
    return `<path d="M${inset + cut} ${inset}H${far - cut}V${inset + cut / 2}H${far - cut / 2}V${inset + cut}H${far}V${far - cut}H${far - cut / 2}V${far - cut / 2}H${far - cut}V${far}H${inset + cut}V${far - cut / 2}H${inset + cut / 2}V${far - cut}H${inset}V${inset + cut}H${inset + cut / 2}V${inset + cut / 2}H${inset + cut}Z" fill="none" stroke="url(#gold)" stroke-width="${[3.4, 1.1, 1.6][n]}"/>`;
  });
  return {
    defs: `<linearGradient id="gold" gradientUnits="userSpaceOnUse" x2="512" y2="512"><stop stop-color="#f7e3a1"/><stop offset=".3" stop-color="#c79a3c"/><stop offset=".5" stop-color="#fbeebb"/><stop offset=".75" stop-color="#b98527"/><stop offset="1" stop-color="#f2d98d"/></linearGradient>`,
    body: `${everything(dark)}<g fill="${bright}" opacity=".75">${rays}</g>${rings}<circle cx="${num(cx)}" cy="${num(cy)}" r="${num(r)}" fill="#f3e2b3" stroke="url(#gold)" stroke-width="3"/>${shapes}<path d="M0 0H512V512H0ZM40 40V472H472V40Z" fill="${css(shade(rgb(palette.ink), -0.2))}" fill-rule="evenodd"/>${frame.join('')}`,
  };
};
