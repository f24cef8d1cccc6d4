import { css, lightness, mix, rgb } from '../colour.ts';
import { path } from '../geometry.ts';
import { everything, num, type PaintStyle } from '../svg.ts';

const TONES = 7;

/** Black, the colour of the paper and one more: tones are carved lines, thicker where it is darker. */
export const woodcut: PaintStyle = ({ scene, palette, draw }) => {
  const paper = mix(rgb(palette.paper), rgb('#e9dcc0'), 0.5);
  const ink = css(mix(rgb(palette.ink), [12, 10, 10], 0.6));
  const colour = palette.accents[0];
  const turns = [0, 90, 28, -32, 62];
  const patterns = new Map<string, string>();
  const carved = (tone: number, turn: number) => {
    const id = `c${tone}-${turn + 90}`;
    const gap = 7;
    const wide = 0.4 + (gap * 0.82 * tone) / (TONES - 1);
    patterns.set(
      id,
      `<pattern id="${id}" width="44" height="${gap}" patternUnits="userSpaceOnUse" patternTransform="rotate(${turn})"><path d="M0 ${num(3.5 - wide / 2)}Q11 ${num(2.6 - wide / 2)} 22 ${num(3.5 - wide / 2)}T44 ${num(3.5 - wide / 2)}V${num(3.5 + wide / 2)}Q33 ${num(4.5 + wide / 2)} 22 ${num(3.5 + wide / 2)}T0 ${num(3.5 + wide / 2)}Z" fill="${ink}"/></pattern>`,
    );
    return `url(#${id})`;
  };
  const body = scene
    .map(({ points, top, bottom, part, depth }, index) => {
      const outline = path(points);
      const light = (lightness(top) + lightness(bottom)) / 2;
      const dark = 1 - light;
      if (part === 'light' && depth < 0.05)
        return `<path d="${outline}" fill="${index % 2 ? css(paper) : colour}" stroke="${ink}" stroke-width="1.2"/>`;
      const tone = Math.max(0, Math.min(TONES - 1, Math.round((dark * 1.25 - 0.12) * (TONES - 1))));
      const turn =
        part === 'sky' || part === 'water'
          ? 0
          : part === 'detail'
            ? 90
            : turns[(index + draw.whole(0, 1)) % turns.length]!;
      const ground = part === 'subject' && light > 0.32 && light < 0.72 ? colour : css(paper);
      const width = part === 'sky' ? 0 : part === 'detail' ? 0.7 : 1.6 + depth * 1.6;
      if (part === 'frame' || tone === TONES - 1)
        return `<path d="${outline}" fill="${ink}" stroke="${css(paper)}" stroke-width="${part === 'detail' ? 0.4 : 1.1}"/>`;
      return `<path d="${outline}" fill="${ground}"/><path d="${outline}" fill="${tone === 0 ? 'none' : carved(tone, turn)}" stroke="${ink}" stroke-width="${num(width)}" stroke-linejoin="round"/>`;
    })
    .join('');
  return {
    defs: `${[...patterns.values()].join('')}<filter id="cut" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency=".09" numOctaves="2" seed="2" result="n"/><feDisplacementMap in="SourceGraphic" in2="n" scale="3.4" xChannelSelector="R" yChannelSelector="G"/></filter>`,
    body: `${everything(css(paper))}<g filter="url(#cut)">${body}</g>`,
  };
};
