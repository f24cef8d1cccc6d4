import { unavailable } from '../../errors.ts';
import { openIdleThread } from '../../models/index.ts';
import type { PixelClassifier } from './classifier.ts';
import { type ClassifierManifest, shapeOf } from './manifest.ts';
import type { OnnxAnswer, OnnxData, OnnxQuestion } from './onnx-worker.ts';

/** Pictures come in long runs; between two of them the network is not worth its memory. */
const IDLE_MS = 30_000;

/** A classifier whose network runs here, in a thread that ends when nobody asks. */
export function openOnnxClassifier(
  manifest: ClassifierManifest,
  model: OnnxData['model'],
  idleMs = IDLE_MS,
): PixelClassifier {
  const { name, version, classes, input } = manifest;
  const thread = openIdleThread<OnnxQuestion, OnnxAnswer>(
    new URL('./onnx-worker.ts', import.meta.url),
    { manifest, model } satisfies OnnxData,
    {
      idleMs,
      failed: (error) =>
        unavailable('classifier-failed', `The classifier ${name}: ${error.message}`, 30, error),
    },
  );
  return {
    ...{ name, version, shape: shapeOf(input) },
    async classify(pictures) {
      if (pictures.length === 0) return [];
      const { rows } = await thread.ask({ pictures });
      return rows.map((row) => Object.fromEntries(classes.map((label, c) => [label, row[c]!])));
    },
    close: thread.close,
  };
}
