import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ItemInput } from '../../src/catalog/types.ts';

/**
 * What the shipped CLIP sees in the world's pictures, so that a first start need not look at thousands of them.
 * `vectors.f16`: a row an item in the world's order, little-endian; `vectors.json`: what made it, of what.
 */
export type ShippedVectors = { encoder: string; dims: number; vectorOf(index: number): Float32Array | null };
type About = { encoder: string; dims: number; items: number; names: string };

const FOLDER = resolve(import.meta.dirname, '../../weights/world');

/** Null when there are none, or they were made of another world. */
export async function readShippedVectors(
  items: readonly ItemInput[],
  folder = FOLDER,
): Promise<ShippedVectors | null> {
  try {
    const about = JSON.parse(await readFile(join(folder, 'vectors.json'), 'utf8')) as About;
    const bytes = await readFile(join(folder, 'vectors.f16'));
    const { encoder, dims } = about;
    if (about.names !== digestOf(items) || bytes.length !== items.length * dims * 2) return null;
    const halves = new Float16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    return {
      ...{ encoder, dims },
      vectorOf(index) {
        const vector = Float32Array.from(halves.subarray(index * dims, (index + 1) * dims));
        return vector.some((value) => value !== 0) ? vector : null;
      },
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** @param vectors one an item, null for an item without a picture. */
export async function writeShippedVectors(
  items: readonly ItemInput[],
  vectors: readonly (Float32Array | null)[],
  { encoder, dims }: { encoder: string; dims: number },
  folder = FOLDER,
): Promise<{ bytes: number }> {
  const halves = new Float16Array(items.length * dims);
  vectors.forEach((vector, index) => {
    if (vector !== null) halves.set(vector, index * dims);
  });
  const about: About = { encoder, dims, items: items.length, names: digestOf(items) };
  await mkdir(folder, { recursive: true });
  const unfinished = join(folder, `vectors.f16.${process.pid}`);
  await writeFile(unfinished, new Uint8Array(halves.buffer));
  await rename(unfinished, join(folder, 'vectors.f16'));
  await writeFile(join(folder, 'vectors.json'), `${JSON.stringify(about, null, 2)}\n`);
  return { bytes: halves.byteLength };
}

/** Which items, and by which pictures: another showcase is another vector. */
const digestOf = (items: readonly ItemInput[]): string =>
  createHash('sha256')
    .update(items.map(({ kind, id, url }) => `${kind}:${id} ${url}\n`).join(''))
    .digest('hex');
