import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { Piscina } from 'piscina';
import { unavailable } from '../../src/errors.ts';
import { recipeOf } from '../grammar.ts';
import { DRAWING_VERSION } from '../render.ts';
import type { Drawing } from './worker.ts';

/** Pixels a side: for a page of many, and to look at one. */
export type PictureSize = 256 | 512;

/** The world's pictures as files a browser shows, each drawn when it is first asked for. */
export type Pictures = {
  /**
   * WebP, `size` pixels a side; null for a name that is no picture's or may not be shown.
   * @throws HamletError `pictures-busy` (503) when too many wait to be drawn.
   */
  webp(id: string, size?: PictureSize): Promise<Buffer> | null;
  /** Draws these one after the other while nobody waits for others. */
  warm(ids: readonly string[], size: PictureSize): Promise<void>;
  close(): Promise<void>;
};

/** Some lists' worth: beyond it callers are told to come back, before memory grows. */
const WAITING = 400;
const IN_MEMORY = 256;
const IDLE_MS = 30_000;

/**
 * Drawing takes a tenth of a second of a core, some styles a whole one: it happens in threads of its own, so
 * that nothing waits for a picture but who asked for it. A changed drawing is another folder.
 * @param isShown what keeps callers from having billions of pictures drawn, and from what is not for them.
 */
export function openPictures(home: string, isShown: (id: string) => boolean): Pictures {
  const threads = new Piscina<Drawing, Uint8Array>({
    filename: new URL('./worker.ts', import.meta.url).href,
    ...{ minThreads: 0, maxThreads: Math.max(1, availableParallelism()) },
    ...{ maxQueue: WAITING, idleTimeout: IDLE_MS },
  });
  const known = new LRUCache<string, Promise<Buffer>>({ max: IN_MEMORY });
  let closed = false;

  function webp(id: string, size: PictureSize = 512): Promise<Buffer> | null {
    if (recipeOf(id) === null || !isShown(id)) return null;
    const key = `${size} ${id}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const picture = storedOrDrawn(id, size);
    known.set(key, picture);
    picture.catch(() => known.delete(key));
    return picture;
  }

  async function storedOrDrawn(id: string, size: PictureSize): Promise<Buffer> {
    const folder = join(home, `v${DRAWING_VERSION}`, String(size));
    const file = join(folder, `${id}.webp`);
    const stored = await readFile(file).catch(() => null);
    if (stored !== null) return stored;
    if (threads.queueSize >= WAITING)
      throw unavailable('pictures-busy', 'More pictures are asked for than can be drawn.');
    const picture = Buffer.from(await threads.run({ id, size }));
    const unfinished = `${file}.${process.pid}`;
    await mkdir(folder, { recursive: true });
    await writeFile(unfinished, picture);
    await rename(unfinished, file);
    return picture;
  }

  return {
    webp,
    async warm(ids, size) {
      for (const id of ids) {
        if (closed) return;
        if (threads.queueSize === 0) await webp(id, size)?.catch(() => {});
      }
    },
    close() {
      closed = true;
      return threads.destroy();
    },
  };
}
