// nsfwjs as its documentation has it, on the wasm backend; run by reference.ts where its packages are installed.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { load } from 'nsfwjs/core';
import { MobileNetV2Model } from 'nsfwjs/models/mobilenet_v2';

setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
await tf.setBackend('wasm');
await tf.ready();
const model = await load('MobileNetV2', { modelDefinitions: [MobileNetV2Model] });
const scores = {};
for (const [n, [id, width, height]] of JSON.parse(readFileSync('pictures.json', 'utf8')).entries()) {
  const picture = tf.tensor3d(new Uint8Array(readFileSync(`pictures/${n}.rgb`)), [height, width, 3], 'int32');
  const found = await model.classify(picture, 5);
  scores[id] = Object.fromEntries(found.map(({ className, probability }) => [className, probability]));
  picture.dispose();
}
writeFileSync('nsfwjs.json', JSON.stringify(scores));
