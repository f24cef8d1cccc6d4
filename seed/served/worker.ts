import { move } from 'piscina';
import sharp from 'sharp';
import { renderPicture } from '../render.ts';

export type Drawing = { id: string; size: number };

// As many threads as are wanted draw at once; libvips' own on top only get in their way.
sharp.concurrency(1);

/** Draws a picture whose name is known to be one; a small one costs a third of a large one. */
export default async function draw({ id, size }: Drawing) {
  const svg = renderPicture(id)!.replace(/width="\d+" height="\d+"/u, `width="${size}" height="${size}"`);
  const webp = await sharp(Buffer.from(svg)).webp({ quality: 82 }).toBuffer();
  return move(Uint8Array.from(webp));
}
