import { move } from 'piscina';
import sharp from 'sharp';
import { renderPicture } from '../render.ts';

// As many threads as are wanted draw at once; libvips' own on top only get in their way.
sharp.concurrency(1);

/** Draws a picture whose name is known to be one. */
export default async function draw(id: string) {
  const webp = await sharp(Buffer.from(renderPicture(id)!))
    .webp({ quality: 82 })
    .toBuffer();
  return move(Uint8Array.from(webp));
}
