import type { Style } from '../grammar.ts';
import type { PaintStyle } from '../svg.ts';
import { artDeco } from './art-deco.ts';
import { cubist } from './cubist.ts';
import { engraving } from './engraving.ts';
import { gouache } from './gouache.ts';
import { impasto } from './impasto.ts';
import { inkWash } from './ink-wash.ts';
import { lowPoly } from './low-poly.ts';
import { mosaic } from './mosaic.ts';
import { paperCut } from './paper-cut.ts';
import { pixelArt } from './pixel-art.ts';
import { pointillist } from './pointillist.ts';
import { stainedGlass } from './stained-glass.ts';
import { synthwave } from './synthwave.ts';
import { ukiyoE } from './ukiyo-e.ts';
import { watercolour } from './watercolour.ts';
import { woodcut } from './woodcut.ts';

/** Each turns a scene into a picture in its own manner. */
export const paintStyle: Record<Style, PaintStyle> = {
  ...{ gouache, watercolour, woodcut, mosaic, pointillist, impasto, cubist, synthwave, engraving },
  'ink-wash': inkWash,
  'ukiyo-e': ukiyoE,
  'low-poly': lowPoly,
  'stained-glass': stainedGlass,
  'art-deco': artDeco,
  'pixel-art': pixelArt,
  'paper-cut': paperCut,
};
