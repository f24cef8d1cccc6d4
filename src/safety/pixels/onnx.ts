import { unavailable } from '../../errors.ts';
import type { Raster } from '../../images/index.ts';
import { openIdleProcess } from '../../models/index.ts';
import type { Scores } from '../types.ts';
import type { PixelClassifier } from './classifier.ts';
import { type ClassifierManifest, shapeOf } from './manifest.ts';
import type { OnnxAnswer, OnnxData, OnnxQuestion } from './onnx-process.ts';

/** Pictures come in long runs; between two of them the network is not worth its memory. */
const IDLE_MS = 30_000;

/** A classifier whose network runs beside this process, in one that ends when nobody asks. */
export function openOnnxClassifier(
  manifest: ClassifierManifest,
  model: OnnxData['model'],
  idleMs = IDLE_MS,
): PixelClassifier {
  const { name, version, classes, input } = manifest;
  const network = openIdleProcess<OnnxQuestion, OnnxAnswer>(
    new URL('./onnx-process.ts', import.meta.url),
    { manifest, model } satisfies OnnxData,
    {
      idleMs,
      failed: (error) =>
        unavailable('classifier-failed', `The classifier ${name}: ${error.message}`, 30, error),
    },
  );

  async function classifyAll(pictures: Raster[]): Promise<Scores[]> {
    const all: Scores[] = [];
    // One after the other: more at once is not faster on a processor, and one is copied to the network in
    // little enough time for the requests that wait meanwhile.
    for (const picture of pictures) {
      const { scores } = await network.ask({ picture });
      all.push(Object.fromEntries(classes.map((label, c) => [label, scores[c]!])));
    }
    return all;
  }

  let last: Promise<unknown> = Promise.resolve();
  return {
    ...{ name, version, shape: shapeOf(input) },
    classify(pictures) {
      const answer = classifyAll(pictures);
      last = Promise.allSettled([last, answer]);
      return answer;
    },
    async close() {
      await last;
      await network.close();
    },
  };
}
