import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ItemKind } from '../../catalog/types.ts';
import { ANSWERS_FILE } from '../answers.ts';
import { artifactInvalid, type Manifest, verifyArtifact } from '../artifact.ts';
import { readTensor } from '../safetensors.ts';

const LONGEST_HISTORY = 1000;
const MOST_DIMS = 1024;

/** What a family of artifacts is: its contract, and the files beside ids, vectors and answers. */
export type Family = { name: string; contract: string; what: string; files: string[] };

/**
 * The manifest of a folder that holds a model of this family, once its files are what it says.
 * @throws HamletError `artifact-invalid`, `artifact-pickle` (422)
 */
export async function readFamily(
  folder: string,
  { name, contract, what, files }: Family,
): Promise<{ manifest: Manifest; kind: ItemKind; length: number }> {
  const manifest = await verifyArtifact(folder);
  const require = (holds: boolean, reason: string) => {
    if (!holds) throw artifactInvalid(folder, reason);
  };
  require(manifest.contract === contract, `it is a ${manifest.contract}, this release reads ${contract}`);
  const kind = ['image', 'model'].find((one) => manifest.kind === `${name}-${one}`);
  require(kind !== undefined, `${manifest.kind} is no kind of ${what}`);
  for (const file of [...files, ANSWERS_FILE, 'items.json', 'items.safetensors'])
    require(manifest.files[file] !== undefined, `${file} is not in the manifest`);
  const length = parameter(manifest, 'length');
  require(Number.isSafeInteger(length) &&
    length >= 1 &&
    length <= LONGEST_HISTORY, 'length is no length of a history');
  return { manifest, kind: kind as ItemKind, length };
}

/** @param least 0 for a model that may know items by their content alone */
export async function readIds(folder: string, least = 1): Promise<string[]> {
  const ids = await readWords(folder, 'items.json', 'ids');
  if (ids.length < least) throw artifactInvalid(folder, 'items.json is not a list of ids');
  if (new Set(ids).size !== ids.length) throw artifactInvalid(folder, 'items.json names an item twice');
  return ids;
}

export async function readWords(folder: string, file: string, what: string): Promise<string[]> {
  const words: unknown = await readFile(join(folder, file), 'utf8')
    .then(JSON.parse)
    .catch((error: Error) => {
      throw artifactInvalid(folder, `${file} cannot be read (${error.message})`, error);
    });
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string'))
    throw artifactInvalid(folder, `${file} is not a list of ${what}`);
  return words;
}

/** Rows of a table of `items.safetensors`, one for each of so many items, in memory that threads share. */
export async function readRows(
  folder: string,
  name: string,
  items: number,
): Promise<{ rows: Float32Array; dims: number }> {
  const { dtype, shape, data } = readTensor(await readFile(join(folder, 'items.safetensors')), name);
  const [, dims = 1] = shape;
  if (dtype !== 'F32' || shape.length < 1 || shape.length > 2 || dims < 1 || dims > MOST_DIMS)
    throw artifactInvalid(folder, `${name} of ${shape.join(' × ')} are not those of items`);
  const shared = new SharedArrayBuffer(data.length);
  new Uint8Array(shared).set(data);
  const rows = new Float32Array(shared);
  if (rows.length !== items * dims)
    throw artifactInvalid(folder, `${items} items do not have as many ${name}`);
  if (!rows.every(Number.isFinite)) throw artifactInvalid(folder, `${name} hold what is no number`);
  return { rows, dims };
}

export const parameter = ({ parameters }: Manifest, name: string): number => Number(parameters[name]);
