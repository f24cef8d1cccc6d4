import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactInvalid, verifyArtifact, writeArtifact } from './artifact.ts';
import { readTensor, writeTensor } from './safetensors.ts';

/**
 * Squares of pixels as a sidecar gets them: a folder under the artifacts, named by their digest.
 * @param maker who is to look at them; what it makes of them has to say so
 * @param salt makes the name one of its own, where the folder is removed after it was used
 * @param beside further files of the folder
 */
export async function offerSquares(
  artifacts: string,
  maker: string,
  parameters: Record<string, number>,
  size: number,
  pictures: readonly Uint8Array[],
  salt = '',
  beside: Record<string, Uint8Array> = {},
): Promise<string> {
  const data = Buffer.concat(pictures);
  const file = writeTensor('pixels', { dtype: 'U8', shape: [pictures.length, size, size, 3], data });
  const hash = createHash('sha256').update(maker).update(salt).update(file);
  for (const bytes of Object.values(beside)) hash.update(bytes);
  const version = hash.digest('hex').slice(0, 32);
  await writeArtifact(
    join(artifacts, `pixels-${version}`),
    {
      ...{ kind: 'pixels', version, contract: 'hamlet-pixels/1', dataset: {} },
      parameters: { encoder: maker, ...parameters },
    },
    { 'pixels.safetensors': file, ...beside },
  );
  return `pixels-${version}`;
}

/**
 * Numbers that a sidecar made of offered squares, a row each, in their order.
 * @throws HamletError `artifact-invalid` (422) when they are not whole, of these squares and by this maker
 */
export async function takeRows(
  artifacts: string,
  folder: string,
  name: string,
  maker: string,
  [count, length]: [number, number],
): Promise<Float32Array[]> {
  const path = join(artifacts, folder);
  const manifest = await verifyArtifact(path);
  if (manifest.parameters.encoder !== maker) throw artifactInvalid(path, `another model made the ${name}`);
  const { dtype, shape, data } = readTensor(await readFile(join(path, `${name}.safetensors`)), name);
  if (dtype !== 'F32' || shape.join() !== `${count},${length}`)
    throw artifactInvalid(path, `${shape.join(' × ')} numbers are not ${count} × ${length}`);
  const numbers = new Float32Array(Uint8Array.from(data).buffer);
  return Array.from({ length: count }, (_, row) => numbers.slice(row * length, (row + 1) * length));
}
