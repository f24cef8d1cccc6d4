import { parentPort } from 'node:worker_threads';
import sharp from 'sharp';
import { renderPicture } from '../render.ts';

export type RenderTask = { ids: string[]; size: number };

// As many workers as cores draw at once; libvips' own threads on top only get in their way.
sharp.concurrency(1);

parentPort!.on('message', async ({ ids, size }: RenderTask) => {
  const bytes = size * size * 3;
  const pixels = new Uint8Array(ids.length * bytes);
  for (const [index, id] of ids.entries()) pixels.set(await drawSmall(id, size), index * bytes);
  parentPort!.postMessage(pixels, [pixels.buffer]);
});

/** Drawn at the small size from the start: a tenth of the time of drawing 512 px and reducing. */
async function drawSmall(id: string, size: number): Promise<Buffer> {
  const svg = renderPicture(id)!.replace(/width="\d+" height="\d+"/u, `width="${size}" height="${size}"`);
  return sharp(Buffer.from(svg)).flatten({ background: '#fff' }).toColourspace('srgb').raw().toBuffer();
}
