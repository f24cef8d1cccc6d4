import { css, mix, rgb, saturate, shade } from '../colour.ts';
import { path, SIZE } from '../geometry.ts';
import { everything, num, type PaintStyle } from '../svg.ts';

/** Flat muted colours inside dark outlines, a sky that darkens at its very top (bokashi), grain of the block. */
export const ukiyoE: PaintStyle = ({ scene, palette, draw }) => {
  const paper = rgb('#f0e4c8');
  const ink = css(mix(rgb(palette.ink), rgb('#1d2740'), 0.5));
  const muted = (colour: readonly [number, number, number]) => mix(saturate(colour, -0.18), paper, 0.2);
  const shapes = scene
    .map(({ points, top, bottom, part, depth }) => {
      if (part === 'sky') return '';
      const halo = part === 'light' && depth < 0.015;
      if (halo) return '';
      const flat = part === 'light' && depth < 0.05 ? rgb('#c8402f') : muted(mix(top, bottom, 0.4));
      const width = part === 'detail' ? 0.5 : part === 'cloud' ? 0.9 : 1 + depth * 1.1;
      const fill = part === 'cloud' ? mix(flat, paper, 0.5) : flat;
      return `<path d="${path(points)}" fill="${css(fill)}" stroke="${ink}" stroke-width="${num(width)}" stroke-linejoin="round"/>${
        part === 'land' || part === 'water'
          ? `<path d="${path(points)}" fill="url(#${part === 'water' ? 'deep' : 'fade'})"/>`
          : ''
      }`;
    })
    .join('');
  const sky = scene[0]!;
  const x = draw.chance(0.5) ? 448 : 34;
  const marks = [12, 30, 48, 66]
    .map(
      (y) =>
        `<path d="M${draw.whole(7, 10)} ${y}h${draw.whole(9, 13)}M14 ${y - 5}v${draw.whole(10, 13)}M${draw.whole(8, 10)} ${y + 5}l10 ${draw.whole(-4, 3)}"/>`,
    )
    .join('');
  return {
    defs: `<linearGradient id="bokashi" x2="0" y2="1"><stop stop-color="${css(shade(muted(sky.top), -0.12))}"/><stop offset=".14" stop-color="${css(muted(sky.top))}"/><stop offset=".42" stop-color="${css(mix(muted(sky.bottom), paper, 0.55))}"/><stop offset="1" stop-color="${css(paper)}"/></linearGradient><linearGradient id="fade" x2="0" y2="1"><stop offset=".1" stop-color="${css(paper)}" stop-opacity="0"/><stop offset=".75" stop-color="${css(paper)}" stop-opacity=".34"/></linearGradient><linearGradient id="deep" x2="0" y2="1"><stop stop-color="#1d3557" stop-opacity=".5"/><stop offset=".3" stop-color="#1d3557" stop-opacity="0"/></linearGradient><filter id="block" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency=".006 .22" numOctaves="3" seed="7"/><feColorMatrix values="0 0 0 0 .35  0 0 0 0 .22  0 0 0 0 .1  0 1.6 0 0 -.72"/></filter>`,
    body: `${everything('url(#bokashi)')}${shapes}${everything('#000', 'filter="url(#block)" opacity=".34"')}<g transform="translate(${x} 34)"><rect width="29" height="82" rx="2" fill="#c8402f" stroke="${ink}" stroke-width="1.2"/><g stroke="${css(paper)}" stroke-width="1.9" fill="none">${marks}</g></g><rect x="7" y="7" width="${SIZE - 14}" height="${SIZE - 14}" fill="none" stroke="${ink}" stroke-width="2.4"/>`,
  };
};
