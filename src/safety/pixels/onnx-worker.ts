import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Raster } from '../../images/index.ts';
import type { ThreadAnswer } from '../../models/index.ts';
import type { ClassifierManifest } from './manifest.ts';
import { planesOf } from './planes.ts';

/** A classifier's network in a thread of its own: see `onnx.ts` for the other side. */
export type OnnxData = {
  manifest: ClassifierManifest;
  /** A file, or the classifier whose network is made of weights in another format. */
  model: string | 'nsfwjs';
};
export type OnnxQuestion = { pictures: Raster[] };
export type OnnxAnswer = { rows: Float32Array[] };

const { manifest, model } = workerData as OnnxData;
const { size, layout } = manifest.input;
const session = await open();

parentPort!.on('message', async ({ id, pictures }: OnnxQuestion & { id: number }) => {
  try {
    const rows: Float32Array[] = [];
    // One after the other: more at once is not faster on a processor.
    for (const picture of pictures) rows.push(await scoresOf(picture));
    parentPort!.postMessage({ id, rows } satisfies ThreadAnswer<OnnxAnswer>);
  } catch (error) {
    parentPort!.postMessage({ id, error: (error as Error).message } satisfies ThreadAnswer<OnnxAnswer>);
  }
});

async function open(): Promise<InferenceSession> {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
  if (model !== 'nsfwjs') return InferenceSession.create(model, options);
  const { nsfwjsNetwork } = await import('./nsfwjs.ts');
  return InferenceSession.create(await nsfwjsNetwork(), options);
}

async function scoresOf(picture: Raster): Promise<Float32Array> {
  const dims = layout === 'nhwc' ? [1, size, size, 3] : [1, 3, size, size];
  const input = new Tensor('float32', planesOf([picture], manifest.input), dims);
  const answer = await session.run({ [session.inputNames[0]!]: input });
  const { data } = answer[session.outputNames[0]!]!;
  if (data.length !== manifest.classes.length)
    throw new Error(`the network answers ${data.length} numbers, not ${manifest.classes.length}`);
  return manifest.softmax ? softmax(data as Float32Array) : (data as Float32Array);
}

function softmax(logits: Float32Array): Float32Array {
  const top = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
