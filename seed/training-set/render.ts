import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { COMPOSITIONS, MEDIA, PALETTES, STYLES, SUBJECTS } from '../grammar.ts';
import { planTrainingSet, type Split, type TrainingPicture } from './plan.ts';
import type { RenderTask } from './render-worker.ts';

export type RenderOptions = { count: number; size: number; seed: number; split: Split; folder: string };
export type RenderReport = Omit<RenderOptions, 'folder'> & { sha256: string; seconds: number };

const PICTURES_A_TASK = 32;

/**
 * Renders for training and for measuring, as three files in `folder`: `pixels.u8` (count × size × size × RGB),
 * `pictures.jsonl` (a line a picture, in the same order) and, last, `manifest.json` with the grammar's words.
 */
export async function renderTrainingSet(
  options: RenderOptions,
  progress: (fraction: number) => void,
): Promise<RenderReport> {
  const began = performance.now();
  const { count, size, seed, split, folder } = options;
  const pictures = planTrainingSet(count, split, seed);
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'pictures.jsonl'),
    pictures.map((picture) => `${JSON.stringify(picture)}\n`).join(''),
  );
  const sha256 = await writePixels(join(folder, 'pixels.u8'), pictures, size, progress);
  const manifest = { count, size, seed, split, sha256, grammar: wordsOfTheGrammar() };
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return { count, size, seed, split, sha256, seconds: Math.round((performance.now() - began) / 100) / 10 };
}

/** Every core takes the next few pictures when it is free; each lot is written where it belongs. */
async function writePixels(
  path: string,
  pictures: TrainingPicture[],
  size: number,
  progress: (fraction: number) => void,
): Promise<string> {
  const lots = Array.from({ length: Math.ceil(pictures.length / PICTURES_A_TASK) }, (_, lot) =>
    pictures.slice(lot * PICTURES_A_TASK, (lot + 1) * PICTURES_A_TASK).map(({ id }) => id),
  );
  const unfinished = `${path}.${process.pid}`;
  const file = await open(unfinished, 'w+');
  let next = 0;
  let done = 0;
  const drawLots = async () => {
    const worker = new Worker(new URL('./render-worker.ts', import.meta.url));
    try {
      while (next < lots.length) {
        const lot = next++;
        const pixels = await ask(worker, { ids: lots[lot]!, size });
        await file.write(pixels, 0, pixels.length, lot * PICTURES_A_TASK * size * size * 3);
        progress(++done / lots.length);
      }
    } finally {
      await worker.terminate();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(availableParallelism(), lots.length) }, drawLots));
    const hash = createHash('sha256');
    for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) hash.update(chunk);
    await rename(unfinished, path);
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}

/** Rejects when the worker fails. */
async function ask(worker: Worker, task: RenderTask): Promise<Uint8Array> {
  worker.postMessage(task);
  const [pixels] = await once(worker, 'message');
  return pixels;
}

/** What training needs to know of the grammar: each word and how prompts put it. */
export const wordsOfTheGrammar = () => ({
  subject: saysOf(SUBJECTS),
  style: saysOf(STYLES),
  palette: saysOf(PALETTES),
  composition: saysOf(COMPOSITIONS),
  medium: saysOf(MEDIA),
});

const saysOf = (table: Record<string, { says: string | readonly string[] }>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(table).map(([name, { says }]) => [name, [says].flat()]));
