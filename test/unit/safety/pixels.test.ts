import { createRequire } from 'node:module';
import t from 'tap';
import { wilson } from '../../../src/classification/index.ts';
import type { Raster } from '../../../src/images/index.ts';
import { nsfwjsManifest, openOnnxClassifier } from '../../../src/safety/index.ts';
import type { PixelInput } from '../../../src/safety/pixels/manifest.ts';
import { planesOf } from '../../../src/safety/pixels/planes.ts';

t.setTimeout(120_000);
const plain = (value: number, width = 224, height = 224): Raster => ({
  ...{ width, height, data: new Uint8Array(width * height * 3).fill(value) },
});

t.test('nsfwjs in ONNX answers what nsfwjs on TensorFlow.js answers', async (t) => {
  // Measured once with nsfwjs 4.4.0 on @tensorflow/tfjs-backend-wasm 4.22.0; bench/safety/reference.ts has 100 more.
  const white = { Drawing: 0.76531, Hentai: 0.027564, Neutral: 0.191693, Porn: 0.012858, Sexy: 0.002575 };
  const classifier = openOnnxClassifier({ ...(await nsfwjsManifest()), levels: [] }, 'nsfwjs', 50);
  t.teardown(classifier.close);
  const [found, larger] = await classifier.classify([plain(255), plain(255, 300, 200)]);
  for (const [name, score] of Object.entries(white)) {
    t.ok(Math.abs(found![name]! - score) < 1e-4, name);
    t.ok(Math.abs(larger![name]! - score) < 1e-4, `${name} of another size`);
  }
  await new Promise((done) => setTimeout(done, 300));
  t.equal((await classifier.classify([plain(255)])).length, 1, 'its process ended, and another starts');
});

t.test('its weights come with the package: nothing of TensorFlow is installed', async (t) => {
  t.throws(() => createRequire(import.meta.url).resolve('@tensorflow/tfjs'));
});

t.test('pixels are resized with corners aligned, and laid out as the network wants them', async (t) => {
  const input: PixelInput = {
    ...{ size: 3, layout: 'nchw', channels: 'bgr', resize: 'corners', divide: 1 },
    ...{ mean: [10, 0, 0], std: [1, 2, 1] },
  };
  const picture = { width: 2, height: 1, data: Uint8Array.of(0, 40, 100, 200, 40, 100) };
  t.same(
    [...planesOf([picture], input)],
    [...new Array(9).fill(90), ...new Array(9).fill(20), ...[0, 100, 200, 0, 100, 200, 0, 100, 200]],
  );
});

t.test('an interval says something where nothing was seen', async (t) => {
  t.same(wilson(0, 400), [0, 0.00951]);
  t.same(wilson(5, 150), [0.01432, 0.07565]);
});
