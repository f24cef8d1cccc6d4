import sharp from 'sharp';
import { renderPicture } from './render.ts';
import { worldSize } from './sizes.ts';
import { makeWorld } from './world.ts';

/** Pixels a side: none that a classifier takes as it is, so that its resizing is compared too. */
const SIDE = 320;

/** Ids of pictures of the demo world, spread over all of it. */
export function worldPictures(count: number): string[] {
  const { pictures } = makeWorld(worldSize('full', 1));
  return Array.from({ length: count }, (_, n) => pictures[Math.floor((n * pictures.length) / count)]!.id);
}

/** A picture of the demo world as PNG, for two implementations of a classifier to look at. */
export const referencePicture = (id: string): Promise<Buffer> =>
  sharp(Buffer.from(renderPicture(id)!))
    .resize(SIDE, SIDE)
    .png()
    .toBuffer();
