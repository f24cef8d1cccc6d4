import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createClipEncoder, readClipFolder } from '../../../../src/models/index.ts';
import { writeColourClip } from '../../../support/colour-clip.ts';

function colourClip(t: Test, options = {}): string {
  const folder = join(t.testdir({}), 'colours');
  writeColourClip(folder, options);
  return folder;
}

t.test('a folder says its length, its preprocessing and what makes its vectors', async (t) => {
  const folder = colourClip(t, { dims: 12 });
  const found = await readClipFolder(folder);
  t.match(found, {
    ...{ dims: 12, dtype: 'fp32', id: /^clip\/12@[0-9a-f]{16}$/ },
    preprocessing: { size: 32, crop: 1, kernel: 'cubic', mean: [0.5, 0.5, 0.5] },
  });
  t.equal((await readClipFolder(folder)).id, found.id);
  writeColourClip(folder, { dims: 12, seed: 2 });
  t.not((await readClipFolder(folder)).id, found.id, 'other weights, another id');
});

t.test('half-precision and quantised exports are read where there is no full one', async (t) => {
  const folder = colourClip(t);
  for (const tower of ['vision', 'text'])
    renameSync(join(folder, `onnx/${tower}_model.onnx`), join(folder, `onnx/${tower}_model_quantized.onnx`));
  const found = await readClipFolder(folder);
  t.equal(found.dtype, 'q8');
  const encoder = createClipEncoder(found);
  t.teardown(encoder.close);
  t.equal((await encoder.encodeText('red')).length, 8);
});

t.test('what is missing is named', async (t) => {
  await t.rejects(readClipFolder('/no/such/folder'), { code: 'clip-model-missing' });
  for (const file of ['tokenizer.json', 'preprocessor_config.json', 'onnx/text_model.onnx']) {
    const folder = colourClip(t);
    rmSync(join(folder, file));
    await t.rejects(readClipFolder(folder), { code: 'clip-model-missing', message: new RegExp(file) });
  }
});

t.test('pickles are refused, also under the name of another format', async (t) => {
  const folder = colourClip(t);
  const weights = readFileSync(join(folder, 'onnx/vision_model.onnx'));
  for (const start of [Buffer.from([0x80, 0x04, 0x95]), Buffer.from('PK\x03\x04')]) {
    writeFileSync(join(folder, 'onnx/vision_model.onnx'), Buffer.concat([start, weights]));
    await t.rejects(readClipFolder(folder), { code: 'clip-model-pickle' });
  }
  rmSync(join(folder, 'onnx'), { recursive: true });
  writeFileSync(join(folder, 'pytorch_model.bin'), weights);
  await t.rejects(readClipFolder(folder), { code: 'clip-model-pickle', message: /export it to ONNX/ });
});

t.test('a folder of something else, or damaged, is invalid with the reason', async (t) => {
  const cases: [file: string, change: object | string, reason: RegExp][] = [
    ['config.json', '{"model_type":', /JSON/],
    ['config.json', { model_type: 'bert' }, /bert/],
    ['config.json', { projection_dim: 1e9 }, /projection_dim/],
    ['config.json', { vision_config: { image_size: 224 } }, /32 px/],
    ['preprocessor_config.json', { resample: 9 }, /resample/],
    ['preprocessor_config.json', { crop_size: { height: 64, width: 64 } }, /crop_size/],
    ['preprocessor_config.json', { crop_size: { height: 32, width: 16 } }, /square/],
    ['preprocessor_config.json', { image_mean: [1, 'x', 2] }, /image_mean/],
    ['preprocessor_config.json', { size: 'big' }, /size/],
    ['preprocessor_config.json', { rescale_factor: 2 }, /rescale_factor/],
  ];
  for (const [file, change, message] of cases) {
    const folder = colourClip(t);
    const path = join(folder, file);
    const changed =
      typeof change === 'string'
        ? change
        : JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change });
    writeFileSync(path, changed);
    await t.rejects(readClipFolder(folder), { code: 'clip-model-invalid', message });
  }
});

t.test('weights that cannot be run are a named error of the first question, not a crash', async (t) => {
  const folder = colourClip(t);
  const path = join(folder, 'onnx/vision_model.onnx');
  writeFileSync(path, readFileSync(path).subarray(0, 60));
  const encoder = createClipEncoder(await readClipFolder(folder));
  t.teardown(encoder.close);
  await t.rejects(encoder.encodePixels([new Uint8Array(32 * 32 * 3)]), {
    code: 'clip-model-invalid',
    status: 500,
  });
  t.equal((await encoder.encodeText('red')).length, 8, 'the other half works');
});
