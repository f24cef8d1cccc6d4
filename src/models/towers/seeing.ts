import type { ItemRef } from '../../catalog/types.ts';
import { artifactInvalid } from '../artifact.ts';
import { shapeOf } from '../clip/preprocessing.ts';
import { openIdleThread } from '../idle-thread.ts';
import type { Vision } from './artifact.ts';
import type { ReadContent, ReadPictures } from './content.ts';

/** Pictures in memory at a time. */
const ITEMS = 32;
/** New items come one by one or thousands at once: between them the network's memory is given back. */
const IDLE_MS = 10_000;

/**
 * The content of items as an artifact's own picture half sees them: the mean over an item's pictures, at length 1. An
 * item without a vector of CLIP is not looked at: its picture is not there yet, or could not be read. One with a
 * vector that was declared has passed no queue of pictures, so it may still have none that can be read; who asks
 * decides when to ask again.
 */
export function openSeeing(
  vision: Vision,
  readContent: ReadContent,
  readPictures: ReadPictures,
): { read: ReadContent; close(): Promise<void> } {
  const thread = openIdleThread<{ pixels: Uint8Array; count: number }, { vectors: Float32Array }>(
    new URL('./seeing-worker.ts', import.meta.url),
    vision,
    { idleMs: IDLE_MS, failed: (error) => artifactInvalid(vision.folder, error.message) },
  );
  const shape = shapeOf({ size: vision.side, crop: vision.crop, kernel: vision.kernel });
  const square = vision.side ** 2 * 3;
  const closed = new AbortController();

  async function look(items: ItemRef[], found: Map<ItemRef, Float32Array>): Promise<void> {
    const pictures = [...(await readPictures(items, shape, closed.signal))].filter(
      ([, seen]) => seen.length > 0,
    );
    const count = pictures.reduce((sum, [, seen]) => sum + seen.length, 0);
    closed.signal.throwIfAborted();
    if (count === 0) return;
    const pixels = new Uint8Array(count * square);
    let at = 0;
    for (const picture of pictures.flatMap(([, seen]) => seen)) pixels.set(picture, square * at++);
    const { vectors } = await thread.ask({ pixels, count }, [pixels.buffer]);
    at = 0;
    for (const [item, seen] of pictures) {
      found.set(
        item,
        meanOf(vectors.subarray(at * vision.dims, (at + seen.length) * vision.dims), vision.dims),
      );
      at += seen.length;
    }
  }

  return {
    async read(items) {
      const seen = await readContent(items);
      const waiting = items.filter((item) => seen.has(item));
      const found = new Map<ItemRef, Float32Array>();
      for (let from = 0; from < waiting.length; from += ITEMS)
        await look(waiting.slice(from, from + ITEMS), found);
      return found;
    },
    /** Stops loading pictures, and asks nothing more. */
    async close() {
      closed.abort(new Error('the towers are closed'));
      await thread.close();
    },
  };
}

function meanOf(rows: Float32Array, dims: number): Float32Array {
  const sum = new Float32Array(dims);
  for (let n = 0; n < rows.length; n++) sum[n % dims] = sum[n % dims]! + rows[n]!;
  const length = Math.max(Math.hypot(...sum), 1e-12);
  return sum.map((value) => value / length);
}
