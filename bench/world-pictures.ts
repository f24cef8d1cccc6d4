import { openDrawings, readShowcase } from '../seed/index.ts';
import type { World } from '../seed/world.ts';
import { openImageLoader, type Shape } from '../src/images/index.ts';
import type { ReadPictures } from '../src/models/index.ts';

/** Pictures of the demo world without a database: of item n of `world.items`, which has ref n + 1. */
export function openWorldPictures({ items }: World): {
  readPictures: ReadPictures;
  close(): Promise<void>;
} {
  const drawings = openDrawings();
  const images = openImageLoader({ trustedHosts: new Set(), renderPicture: drawings.svg, readShowcase });
  return {
    async readPictures(refs: number[], shape: Shape) {
      const seen = new Map<number, Uint8Array[]>();
      for (const ref of refs) {
        const { url } = items[ref - 1]!;
        if (url) seen.set(ref, [(await images.load(url, shape)).data]);
      }
      return seen;
    },
    async close() {
      images.close();
      await drawings.close();
    },
  };
}
