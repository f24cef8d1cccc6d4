import { css, type Rgb } from './colour.ts';
import type { Draw } from './draw.ts';
import { path, SIZE } from './geometry.ts';
import type { Palette } from './grammar.ts';
import type { Raster } from './raster.ts';
import type { Scene, Shape } from './scene.ts';

/** What a style gets, and what it gives: definitions and the picture itself. */
export type Easel = { scene: Scene; raster: Raster; palette: Palette; draw: Draw };
export type Painting = { defs?: string; body: string };
export type PaintStyle = (easel: Easel) => Painting;

export const num = (value: number) => String(Math.round(value * 10) / 10);

/** A vertical gradient for each pair of colours, written once. */
export function gradients() {
  const known = new Map<string, string>();
  return {
    fill(top: Rgb, bottom: Rgb): string {
      const [a, b] = [css(top), css(bottom)];
      if (a === b) return a;
      const key = `${a}${b}`;
      if (!known.has(key)) known.set(key, `g${known.size}`);
      return `url(#${known.get(key)})`;
    },
    defs: () =>
      [...known]
        .map(
          ([key, id]) =>
            `<linearGradient id="${id}" x2="0" y2="1"><stop stop-color="${key.slice(0, 7)}"/><stop offset="1" stop-color="${key.slice(7)}"/></linearGradient>`,
        )
        .join(''),
  };
}

export const shapePath = ({ points }: Shape, attributes: string) =>
  `<path d="${path(points)}" ${attributes}/>`;
export const everything = (fill: string, attributes = '') =>
  `<rect width="${SIZE}" height="${SIZE}" fill="${fill}" ${attributes}/>`;
