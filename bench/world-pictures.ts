import { renderPicture } from '../seed/render.ts';
import { readShowcase } from '../seed/showcases.ts';
import type { World } from '../seed/world.ts';
import { HamletError } from '../src/errors.ts';
import { openImageLoader, type Shape } from '../src/images/index.ts';
import type { ReadPictures } from '../src/models/index.ts';

/** A busy machine may not decode one in time. */
const TRIES = 20;

/**
 * Pictures of the demo world without a database: of item n of `world.items`, which has ref n + 1. They are outlined
 * in this process, for nobody waits, and a thread that ends when it is idle may begin anew for each of them.
 */
export function openWorldPictures({ items }: World): {
  readPictures: ReadPictures;
  close(): Promise<void>;
} {
  const images = openImageLoader({
    ...{ trustedHosts: new Set<string>(), readShowcase },
    renderPicture: async (id) => renderPicture(id),
  });
  const load = async (url: string, shape: Shape, tries = TRIES): Promise<Uint8Array> => {
    try {
      return (await images.load(url, shape)).data;
    } catch (error) {
      if (tries > 1 && error instanceof HamletError && error.code === 'image-slow')
        return load(url, shape, tries - 1);
      throw error;
    }
  };
  return {
    async readPictures(refs: number[], shape: Shape) {
      const seen = new Map<number, Uint8Array[]>();
      for (const ref of refs) {
        const { url } = items[ref - 1]!;
        if (url) seen.set(ref, [await load(url, shape)]);
      }
      return seen;
    },
    close: async () => images.close(),
  };
}
