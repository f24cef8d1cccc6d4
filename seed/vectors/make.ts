import type { ItemInput } from '../../src/catalog/types.ts';
import type { ImageLoader } from '../../src/images/index.ts';
import type { ClipEncoder } from '../../src/models/index.ts';

const AT_ONCE = 16;

/** Looks at every picture of the world; the same pixels and the same model as `hamlet embed`. */
export async function lookAtWorld(
  items: readonly ItemInput[],
  { encoder, images }: { encoder: ClipEncoder; images: Pick<ImageLoader, 'load'> },
  progress: (fraction: number) => void,
): Promise<(Float32Array | null)[]> {
  const vectors: (Float32Array | null)[] = items.map(() => null);
  const seen = [...items.entries()].filter(([, { url }]) => url !== undefined && url !== '');
  for (let from = 0; from < seen.length; from += AT_ONCE) {
    const some = seen.slice(from, from + AT_ONCE);
    const rasters = await Promise.all(some.map(([, { url }]) => images.load(url!, encoder.shape)));
    const made = await encoder.encodePixels(rasters.map(({ data }) => data));
    some.forEach(([index], n) => {
      vectors[index] = made[n]!;
    });
    progress((from + some.length) / seen.length);
  }
  return vectors;
}
