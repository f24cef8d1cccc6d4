import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ItemKind } from '../../catalog/types.ts';
import { ANSWERS_FILE, checkAnswers } from '../answers.ts';
import { artifactInvalid, type Manifest, verifyArtifact } from '../artifact.ts';
import { readTensor } from '../safetensors.ts';

const CONTRACT = 'sasrec/1';
const KIND = /^sasrec-(image|model)$/;
const ENCODER = 'encoder.onnx';
const LONGEST_HISTORY = 1000;
const MOST_DIMS = 1024;

/** A trained SASRec as it lies in its folder, checked. Plain data: threads share it. */
export type SequenceArtifact = {
  folder: string;
  version: string;
  kind: ItemKind;
  encoder: string;
  /** The platform's ids, by column; the encoder knows column c as number c + 1. */
  ids: string[];
  /** Row c is the vector of column c; its product with a user's vector is the logit. In shared memory. */
  vectors: Float32Array;
  dims: number;
  /** Newest items of a history that the encoder looks at. */
  length: number;
  /** Deeds weaker than this were no part of a history in training. */
  minStrength: number;
  /** Items at the end of each history that training did not see, and the digest of what it saw. */
  withheld: number;
  dataset: string;
  /** Milliseconds: nothing later was learned from; absent where the artifact does not say. */
  until?: number;
};

/**
 * Reads a folder, whatever is in it: digests, shapes, ranges, and the encoder's answers to its stored questions
 * (within 1e-4), so that serving can index without looking.
 * @throws HamletError `artifact-invalid`, `artifact-pickle` (422)
 */
export async function readSequenceArtifact(folder: string): Promise<SequenceArtifact> {
  const manifest = await verifyArtifact(folder);
  const require = (holds: boolean, reason: string) => {
    if (!holds) throw artifactInvalid(folder, reason);
  };
  require(manifest.contract === CONTRACT, `it is a ${manifest.contract}, this release reads ${CONTRACT}`);
  const kind = KIND.exec(manifest.kind)?.[1] as ItemKind | undefined;
  if (kind === undefined) throw artifactInvalid(folder, `${manifest.kind} is no kind of sequence model`);
  for (const file of [ENCODER, ANSWERS_FILE, 'items.json', 'items.safetensors'])
    require(manifest.files[file] !== undefined, `${file} is not in the manifest`);
  const ids = await readIds(folder);
  const { vectors, dims } = await readVectors(folder);
  require(vectors.length === ids.length * dims, `${ids.length} items do not have as many vectors`);
  const length = parameter(manifest, 'length');
  require(Number.isSafeInteger(length) &&
    length >= 1 &&
    length <= LONGEST_HISTORY, 'length is no length of a history');
  await checkAnswers(folder, manifest);
  return {
    ...{
      folder,
      version: manifest.version,
      kind,
      encoder: join(folder, ENCODER),
      ids,
      vectors,
      dims,
      length,
    },
    minStrength: parameter(manifest, 'minStrength') || 0,
    withheld: parameter(manifest, 'withheld') || 0,
    dataset: String(manifest.dataset.digest),
    ...(manifest.parameters.until !== undefined && { until: parameter(manifest, 'until') }),
  };
}

async function readIds(folder: string): Promise<string[]> {
  const ids: unknown = await readFile(join(folder, 'items.json'), 'utf8')
    .then(JSON.parse)
    .catch((error: Error) => {
      throw artifactInvalid(folder, `items.json cannot be read (${error.message})`, error);
    });
  if (!Array.isArray(ids) || ids.length === 0 || !ids.every((id) => typeof id === 'string'))
    throw artifactInvalid(folder, 'items.json is not a list of ids');
  if (new Set(ids).size !== ids.length) throw artifactInvalid(folder, 'items.json names an item twice');
  return ids;
}

async function readVectors(folder: string): Promise<{ vectors: Float32Array; dims: number }> {
  const { dtype, shape, data } = readTensor(await readFile(join(folder, 'items.safetensors')), 'vectors');
  const [, dims = 0] = shape;
  if (dtype !== 'F32' || shape.length !== 2 || dims < 1 || dims > MOST_DIMS)
    throw artifactInvalid(folder, `vectors of ${shape.join(' × ')} are not those of items`);
  const shared = new SharedArrayBuffer(data.length);
  new Uint8Array(shared).set(data);
  const vectors = new Float32Array(shared);
  if (!vectors.every(Number.isFinite)) throw artifactInvalid(folder, 'a vector holds what is no number');
  return { vectors, dims };
}

const parameter = ({ parameters }: Manifest, name: string): number => Number(parameters[name]);
