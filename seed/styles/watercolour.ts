import { css, mix, rgb, saturate, shade } from '../colour.ts';
import { path, SIZE } from '../geometry.ts';
import { SUN_DEPTH } from '../scene.ts';
import { everything, gradients, type PaintStyle } from '../svg.ts';

/** Thin washes that bleed into each other and pool darker at their edges; paper is left white around. */
export const watercolour: PaintStyle = ({ scene, palette, draw }) => {
  const { fill, defs } = gradients();
  const paper = rgb(palette.paper);
  const wash = (outline: boolean) =>
    scene
      .filter(({ part, depth }) => part !== 'light' || depth >= SUN_DEPTH)
      .map(({ points, top, bottom, part }) => {
        const [a, b] = [
          mix(saturate(top, 0.3), paper, part === 'sky' ? 0.28 : 0.12),
          mix(saturate(bottom, 0.3), paper, part === 'sky' ? 0.6 : 0.26),
        ];
        return outline
          ? `<path d="${path(points)}" fill="none" stroke="${css(shade(b, -0.28))}" stroke-width="1.3"/>`
          : `<path d="${path(points)}" fill="${fill(a, b)}"/>`;
      })
      .join('');
  const flat = wash(false);
  const spots = Array.from({ length: 26 }, () => {
    const r = draw.between(1, 4.5);
    return `<circle cx="${draw.whole(20, 490)}" cy="${draw.whole(20, 490)}" r="${r.toFixed(1)}" fill="${draw.pick([palette.accents[0], palette.ramp[2], palette.water])}" opacity="${draw.between(0.15, 0.5).toFixed(2)}"/>`;
  }).join('');
  const noise = (id: string, frequency: number, scale: number, blur: number) =>
    `<filter id="${id}" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="${frequency}" numOctaves="3" seed="${draw.whole(1, 99)}" result="n"/><feDisplacementMap in="SourceGraphic" in2="n" scale="${scale}" xChannelSelector="R" yChannelSelector="G"/><feGaussianBlur stdDeviation="${blur}"/></filter>`;
  return {
    defs: `${defs()}${noise('bleed', 0.012, 46, 4)}${noise('wet', 0.03, 13, 0.5)}<filter id="pool" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency=".011" numOctaves="4" seed="${draw.whole(1, 99)}"/><feColorMatrix values="0 0 0 0 1  0 0 0 0 1  0 0 0 0 .97  0 0 3.4 0 -1.6"/></filter>
<filter id="rim" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency=".018" numOctaves="4" seed="${draw.whole(1, 99)}" result="n"/><feDisplacementMap in="SourceGraphic" in2="n" scale="56" xChannelSelector="R" yChannelSelector="G"/><feGaussianBlur stdDeviation="2"/></filter><mask id="left-white"><rect x="32" y="30" width="${SIZE - 64}" height="${SIZE - 60}" rx="26" fill="#fff" filter="url(#rim)"/></mask>`,
    body: `${everything(palette.paper)}<g mask="url(#left-white)"><g filter="url(#bleed)" opacity=".75">${flat}</g><g filter="url(#wet)" opacity=".72">${flat}</g><g filter="url(#wet)" opacity=".34">${wash(true)}</g>${everything('#fff', 'filter="url(#pool)" opacity=".34"')}</g>${spots}`,
  };
};
