import { drawFrom, seedFrom } from './draw.ts';
import { SIZE } from './geometry.ts';
import { COMPOSITIONS, PALETTES, type Recipe, recipeOf } from './grammar.ts';
import { finish } from './media.ts';
import { rasterise } from './raster.ts';
import { openStage, paintArch } from './scene.ts';
import { paintStyle } from './styles/index.ts';
import { paintSubject } from './subjects/index.ts';

/** Raised whenever any picture would look different, so that no cache shows the old one. */
export const DRAWING_VERSION = 1;

/** The picture of an id as SVG, SIZE × SIZE; null when the id is no picture's. The same id always draws the same. */
export function renderPicture(id: string): string | null {
  const recipe = recipeOf(id);
  return recipe === null ? null : render(recipe);
}

function render({ subject, style, palette: name, composition, medium, seed }: Recipe): string {
  const palette = PALETTES[name];
  const framing = COMPOSITIONS[composition];
  const { stage, scene } = openStage(drawFrom(seedFrom(subject, composition, seed)), framing, palette);
  paintSubject[subject](stage);
  if (framing.arch) paintArch(stage);
  const draw = drawFrom(seedFrom(style, medium, seed));
  const painting = paintStyle[style]({ scene, raster: rasterise(scene), palette, draw });
  const { defs, body } = finish[medium](painting, palette);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE} ${SIZE}" width="${SIZE}" height="${SIZE}"><defs>${defs}</defs>${body}</svg>`;
}
