import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HamletError } from '../../errors.ts';
import { refusePickle } from '../pickle.ts';
import { type Preprocessing, readPreprocessing } from './preprocessing.ts';

/** A CLIP model on disk, looked through but not yet loaded. */
export type ClipFolder = {
  path: string;
  /** Names the very files that make a vector: `clip/<length>@<digest>`; equal ids are comparable vectors. */
  id: string;
  /** Length of a vector. */
  dims: number;
  /** Which of the exported precisions is there. */
  dtype: 'fp32' | 'fp16' | 'q8';
  preprocessing: Preprocessing;
};

/** Files of each precision, by the names that transformers.js gives them; the best first. */
const SUFFIX = { fp32: '', fp16: '_fp16', q8: '_quantized' } as const;
const CONFIGS = ['config.json', 'preprocessor_config.json', 'tokenizer.json', 'tokenizer_config.json'];
const PICKLES = /\.(?:bin|pt|pth|ckpt|pkl|pickle)$/iu;

/**
 * Reads a folder in the layout of transformers.js: config.json (of a CLIP), preprocessor_config.json,
 * tokenizer.json, tokenizer_config.json, onnx/vision_model.onnx and onnx/text_model.onnx.
 * @throws HamletError `clip-model-missing`, `clip-model-pickle` or `clip-model-invalid`
 */
export async function readClipFolder(path: string): Promise<ClipFolder> {
  const failure = (code: string, message: string) =>
    new HamletError(`clip-model-${code}`, 500, `CLIP model ${path}: ${message}`);
  const files = await readdir(path, { recursive: true }).catch(() => {
    throw failure('missing', 'there is no such folder');
  });
  const dtype = (Object.keys(SUFFIX) as (keyof typeof SUFFIX)[]).find((name) =>
    towersOf(name).every((file) => files.includes(file)),
  );
  const absent = [...CONFIGS, ...towersOf(dtype ?? 'fp32')].filter((file) => !files.includes(file));
  if (dtype === undefined && files.some((file) => PICKLES.test(file)))
    throw failure('pickle', 'its weights are a pickle, which can run code; export it to ONNX');
  if (absent.length > 0) throw failure('missing', `${absent.join(', ')} is not there`);

  for (const file of towersOf(dtype!))
    await refusePickle(join(path, file), file).catch((error: Error) => {
      throw failure('pickle', error.message);
    });
  try {
    const [config, processor] = await Promise.all(
      CONFIGS.slice(0, 2).map(async (file) => JSON.parse(await readFile(join(path, file), 'utf8'))),
    );
    if (config.model_type !== 'clip') throw new Error(`config.json is of a ${config.model_type}, not a clip`);
    const dims = Number(config.projection_dim ?? 512);
    if (!Number.isInteger(dims) || dims < 8 || dims > 4096)
      throw new Error('projection_dim is not from 8 to 4096');
    const preprocessing = readPreprocessing(processor);
    const { image_size } = config.vision_config ?? {};
    if (image_size !== undefined && image_size !== preprocessing.size)
      throw new Error(`pictures are made ${preprocessing.size} px, but the model sees ${image_size}`);
    const digest = await digestOf([...CONFIGS, ...towersOf(dtype!)].map((file) => join(path, file)));
    return { path, id: `clip/${dims}@${digest}`, dims, dtype: dtype!, preprocessing };
  } catch (error) {
    throw failure('invalid', (error as Error).message);
  }
}

export const clipInvalid = (path: string, reason: string) =>
  new HamletError('clip-model-invalid', 500, `CLIP model ${path}: ${reason}`);

const towersOf = (dtype: keyof typeof SUFFIX) =>
  ['vision', 'text'].map((tower) => `onnx/${tower}_model${SUFFIX[dtype]}.onnx`);

async function digestOf(files: string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) await pipeline(createReadStream(file), hash, { end: false });
  return hash.digest('hex').slice(0, 16);
}
