import { parentPort, workerData } from 'node:worker_threads';
import {
  AutoTokenizer,
  CLIPTextModelWithProjection,
  CLIPVisionModelWithProjection,
  env,
  Tensor,
} from '@huggingface/transformers';
import type { ClipFolder } from './folder.ts';
import { normalise } from './preprocessing.ts';

/** One tower of a CLIP model in a thread of its own: see `tower.ts` for the other side. */
export type TowerData = { folder: ClipFolder; tower: 'image' | 'text'; threads: number };
export type TowerRequest =
  | { id: number; pixels: Uint8Array; count: number }
  | { id: number; texts: string[] };
export type TowerAnswer = { id: number; vectors: Float32Array } | { id: number; error: string };

/** Pictures that go through the network at once: more is not faster on a processor and needs more memory. */
const BATCH = 16;

const { folder, tower, threads } = workerData as TowerData;
env.allowRemoteModels = false;
const options = {
  ...{ local_files_only: true, dtype: folder.dtype, subfolder: 'onnx', device: 'cpu' as const },
  session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
};
const encode = tower === 'image' ? await openImages() : await openTexts();

parentPort!.on('message', async (request: TowerRequest) => {
  try {
    const vectors = unitRows(await encode(request as never));
    parentPort!.postMessage({ id: request.id, vectors } satisfies TowerAnswer, [
      vectors.buffer as ArrayBuffer,
    ]);
  } catch (error) {
    parentPort!.postMessage({ id: request.id, error: (error as Error).message } satisfies TowerAnswer);
  }
});

async function openImages() {
  const model = await CLIPVisionModelWithProjection.from_pretrained(folder.path, options);
  const { size } = folder.preprocessing;
  return async ({ pixels, count }: { pixels: Uint8Array; count: number }): Promise<Float32Array> => {
    const vectors = new Float32Array(count * folder.dims);
    for (let from = 0; from < count; from += BATCH) {
      const n = Math.min(BATCH, count - from);
      const part = pixels.subarray(from * size * size * 3, (from + n) * size * size * 3);
      const planes = new Tensor('float32', normalise(part, n, folder.preprocessing), [n, 3, size, size]);
      const { image_embeds } = await model({ pixel_values: planes });
      vectors.set(rowsOf(image_embeds, n), from * folder.dims);
    }
    return vectors;
  };
}

async function openTexts() {
  const tokenizer = await AutoTokenizer.from_pretrained(folder.path, { local_files_only: true });
  const model = await CLIPTextModelWithProjection.from_pretrained(folder.path, options);
  return async ({ texts }: { texts: string[] }): Promise<Float32Array> => {
    const { text_embeds } = await model(tokenizer(texts, { padding: true, truncation: true }));
    return rowsOf(text_embeds, texts.length);
  };
}

function rowsOf({ data, dims }: Tensor, count: number): Float32Array {
  if (dims[0] !== count || dims[1] !== folder.dims)
    throw new Error(`the model answers ${dims.join(' × ')} numbers, not ${count} × ${folder.dims}`);
  return data as Float32Array;
}

/** Each row at unit length. */
function unitRows(rows: Float32Array): Float32Array {
  for (let start = 0; start < rows.length; start += folder.dims) {
    const row = rows.subarray(start, start + folder.dims);
    const length = Math.hypot(...row);
    if (!Number.isFinite(length) || length < 1e-12) throw new Error('the model answers no usable numbers');
    for (let d = 0; d < row.length; d++) row[d] = row[d]! / length;
  }
  return rows;
}
