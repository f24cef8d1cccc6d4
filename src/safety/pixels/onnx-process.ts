import { constants, setPriority } from 'node:os';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Raster } from '../../images/index.ts';
import type { IdleAnswer } from '../../models/index.ts';
import type { ClassifierManifest } from './manifest.ts';
import { planesOf } from './planes.ts';

/** A classifier's network in a process of its own: see `onnx.ts` for the other side. */
export type OnnxData = {
  manifest: ClassifierManifest;
  /** A file, or the classifier whose network is made of weights in another format. */
  model: string | 'nsfwjs';
};
export type OnnxQuestion = { picture: Raster };
export type OnnxAnswer = { scores: Float32Array };
type Network = { manifest: ClassifierManifest; session: InferenceSession };

let network: Promise<Network>;

// Whoever is being served goes first.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
process.on('disconnect', () => process.exit());
// Ctrl-C goes to all processes of a terminal: whoever asks says when this one ends.
process.on('SIGINT', () => {});
process.on('message', async (message: { data: OnnxData } | (OnnxQuestion & { id: number })) => {
  if ('data' in message) {
    network = open(message.data);
    // Whoever asks is told.
    network.catch(() => {});
    return;
  }
  const { id, picture } = message;
  const answer = (told: IdleAnswer<OnnxAnswer>) => process.send!(told);
  await scoresOf(picture).then(
    (scores) => answer({ id, scores }),
    (error: Error) => answer({ id, error: error.message }),
  );
});

async function open({ manifest, model }: OnnxData): Promise<Network> {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
  if (model !== 'nsfwjs') return { manifest, session: await InferenceSession.create(model, options) };
  const { nsfwjsNetwork } = await import('./nsfwjs.ts');
  return { manifest, session: await InferenceSession.create(await nsfwjsNetwork(), options) };
}

async function scoresOf(picture: Raster): Promise<Float32Array> {
  const { manifest, session } = await network;
  const { size, layout } = manifest.input;
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
