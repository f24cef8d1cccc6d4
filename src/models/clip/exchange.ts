import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { offerSquares, takeRows } from '../pixels.ts';
import type { ClipFolder } from './folder.ts';
import { KERNEL_NAMES, type Preprocessing } from './preprocessing.ts';

/** Files of a CLIP folder that the sidecar reads; the second and third are not in every folder. */
const VISION_FILES = ['config.json', 'model.safetensors', 'onnx/vision_model.onnx'];

/**
 * Pictures as the sidecar gets them: a folder of pixels under the artifacts, named by their digest.
 * @param pictures squares as the encoder's `shape` makes them
 * @returns the spec of an `embed-images` job
 */
export async function offerPixels(
  artifacts: string,
  folder: ClipFolder,
  pictures: readonly Uint8Array[],
): Promise<{ pixels: string; model: string }> {
  const { size, mean, std } = folder.preprocessing;
  const parameters = normalisation({ mean, std });
  const pixels = await offerSquares(artifacts, folder.id, parameters, size, pictures);
  return { pixels, model: await offerModel(artifacts, folder) };
}

const normalisation = ({ mean, std }: Pick<Preprocessing, 'mean' | 'std'>): Record<string, number> => {
  const named = (name: string, values: number[]) => values.map((value, c) => [`${name}${c}`, value]);
  return Object.fromEntries([...named('mean', mean), ...named('std', std)]);
};

/**
 * A part of what a training of two towers sees: pictures, the items (as its snapshot numbers them) that each shows, and
 * how pictures are to be made for what it leaves.
 * @returns the folder's name
 */
export function offerShown(
  artifacts: string,
  { id, preprocessing }: ClipFolder,
  shown: readonly { items: number[]; pixels: Uint8Array }[],
): Promise<string> {
  const { size, crop, kernel } = preprocessing;
  const parameters = {
    ...normalisation(preprocessing),
    crop: crop ?? 0,
    kernel: KERNEL_NAMES.indexOf(kernel),
  };
  const items = Buffer.from(JSON.stringify(shown.map((picture) => picture.items)));
  return offerSquares(
    artifacts,
    id,
    parameters,
    size,
    shown.map(({ pixels }) => pixels),
    '',
    { 'shown.json': items },
  );
}

/** A copy of what makes vectors, once for each model; whole or not there. */
export async function offerModel(artifacts: string, folder: ClipFolder): Promise<string> {
  const name = folder.id.replace(/[/@]/gu, '-');
  if (existsSync(join(artifacts, name))) return name;
  const partial = join(artifacts, `${name}.partial-${process.pid}`);
  await rm(partial, { recursive: true, force: true });
  for (const file of VISION_FILES) {
    await mkdir(dirname(join(partial, file)), { recursive: true });
    await copyFile(join(folder.path, file), join(partial, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  await rename(partial, join(artifacts, name)).catch(() => rm(partial, { recursive: true, force: true }));
  return name;
}

/**
 * Vectors that a sidecar made of offered pixels, in the order of the pictures.
 * @throws HamletError `artifact-invalid` (422) when they are not whole, of these pixels and of this model
 */
export async function takeVectors(
  artifacts: string,
  folder: ClipFolder,
  pixels: string,
  count: number,
): Promise<Float32Array[]> {
  const vectors = pixels.replace(/^pixels-/u, 'embeddings-');
  return takeRows(artifacts, vectors, 'vectors', folder.id, [count, folder.dims]);
}
