import { LRUCache } from 'lru-cache';
import type { Shape } from '../../images/index.ts';
import type { ClipFolder } from './folder.ts';
import { shapeOf } from './preprocessing.ts';
import { openTower } from './tower.ts';

/** Pictures and texts as unit vectors of one space, compared by cosine. */
export type ClipEncoder = {
  readonly folder: ClipFolder;
  /** Stored with each vector. */
  readonly id: string;
  readonly dims: number;
  /** What a picture must be made into for `encodePixels`: the one place where pictures are resized. */
  readonly shape: Shape;
  /** @param pictures 8-bit RGB squares as `shape` makes them */
  encodePixels(pictures: Uint8Array[]): Promise<Float32Array[]>;
  encodeText(text: string): Promise<Float32Array>;
  close(): Promise<void>;
};

const TEXTS_REMEMBERED = 2_000;
/** Characters of a text that are read at all; CLIP itself reads some 77 words. */
const MAX_TEXT = 2_000;

/** Pictures come in long runs; somebody who searches should find the words' half awake. */
const IDLE_MS = { image: 30_000, text: 600_000 };

/** @param threads of the processor that a network uses */
export function createClipEncoder(folder: ClipFolder, threads = 1, idleMs = IDLE_MS): ClipEncoder {
  // Two threads: a search never waits behind a batch of pictures.
  const images = openTower({ folder, tower: 'image', threads }, idleMs.image);
  const texts = openTower({ folder, tower: 'text', threads }, idleMs.text);
  const known = new LRUCache<string, Promise<Float32Array>>({ max: TEXTS_REMEMBERED });
  const square = folder.preprocessing.size ** 2 * 3;

  return {
    ...{ folder, id: folder.id, dims: folder.dims, shape: shapeOf(folder.preprocessing) },
    async encodePixels(pictures) {
      if (pictures.length === 0) return [];
      const pixels = new Uint8Array(pictures.length * square);
      pictures.forEach((picture, index) => {
        if (picture.length !== square) throw new Error(`a picture of ${picture.length} bytes, not ${square}`);
        pixels.set(picture, index * square);
      });
      const rows = await images.ask({ pixels, count: pictures.length });
      return pictures.map((_, row) => rows.slice(row * folder.dims, (row + 1) * folder.dims));
    },
    encodeText(text) {
      const asked = text.normalize('NFKC').replace(/\s+/gu, ' ').trim().slice(0, MAX_TEXT);
      let vector = known.get(asked);
      if (vector === undefined) {
        vector = texts.ask({ texts: [asked] });
        known.set(asked, vector);
        vector.catch(() => known.delete(asked));
      }
      return vector;
    },
    async close() {
      await Promise.all([images.close(), texts.close()]);
    },
  };
}
