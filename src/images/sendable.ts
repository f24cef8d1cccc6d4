import { LRUCache } from 'lru-cache';
import sharp from 'sharp';
import type { Shape } from './decode.ts';
import type { ImageLoader } from './loader.ts';

const QUALITY = 85;
const BYTES_REMEMBERED = 64 * 2 ** 20;

export type Sendable = (source: string, signal?: AbortSignal) => Promise<Buffer>;

/**
 * Pictures as they are sent to a model: JPEG, the longest side at most `side` pixels. The same ones are sent again and
 * again, so the newest are remembered.
 * @throws HamletError of the loader for what cannot be read or does not decode
 */
export function openSendable(images: Pick<ImageLoader, 'load'>, side: number): Sendable {
  const known = new LRUCache<string, Buffer>({
    maxSize: BYTES_REMEMBERED,
    // A picture may be its own address, as a data URL.
    sizeCalculation: ({ length }, source) => length + source.length,
  });
  const shape: Shape = {
    cut: (image) => image.resize(side, side, { fit: 'inside', withoutEnlargement: true }),
    enough: side,
  };
  return async (source, signal) => {
    const before = known.get(source);
    if (before !== undefined) return before;
    const { data, width, height } = await images.load(source, shape, signal);
    const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: QUALITY })
      .toBuffer();
    known.set(source, jpeg);
    return jpeg;
  };
}
