import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { artifactInvalid, verifyArtifact, writeArtifact } from '../artifact.ts';
import { readTensor, writeTensor } from '../safetensors.ts';
import type { ClipFolder } from './folder.ts';

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
  const tensor = {
    dtype: 'U8' as const,
    shape: [pictures.length, size, size, 3],
    data: Buffer.concat(pictures),
  };
  const file = writeTensor('pixels', tensor);
  const version = createHash('sha256').update(folder.id).update(file).digest('hex').slice(0, 32);
  const named = (name: string, values: number[]) => values.map((value, c) => [`${name}${c}`, value]);
  await writeArtifact(
    join(artifacts, `pixels-${version}`),
    {
      ...{ kind: 'pixels', version, contract: 'hamlet-pixels/1', dataset: {} },
      parameters: {
        encoder: folder.id,
        ...Object.fromEntries([...named('mean', mean), ...named('std', std)]),
      },
    },
    { 'pixels.safetensors': file },
  );
  return { pixels: `pixels-${version}`, model: await offerModel(artifacts, folder) };
}

/** A copy of what makes vectors, once for each model; whole or not there. */
async function offerModel(artifacts: string, folder: ClipFolder): Promise<string> {
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
  const path = join(artifacts, pixels.replace(/^pixels-/u, 'embeddings-'));
  const manifest = await verifyArtifact(path);
  if (manifest.parameters.encoder !== folder.id)
    throw artifactInvalid(path, 'another model made the vectors');
  const { dtype, shape, data } = readTensor(await readFile(join(path, 'vectors.safetensors')), 'vectors');
  if (dtype !== 'F32' || shape.join() !== `${count},${folder.dims}`)
    throw artifactInvalid(path, `${shape.join(' × ')} numbers are not ${count} × ${folder.dims}`);
  const numbers = new Float32Array(Uint8Array.from(data).buffer);
  return Array.from({ length: count }, (_, row) => numbers.slice(row * folder.dims, (row + 1) * folder.dims));
}
