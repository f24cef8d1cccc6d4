import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { openImageLoader } from '../../../../src/images/index.ts';
import { createClipEncoder, readClipFolder } from '../../../../src/models/index.ts';
import { COLOURS, writeColourClip } from '../../../support/colour-clip.ts';
import { twoHalves } from '../../../support/pictures.ts';

const WEIGHTS = resolve(import.meta.dirname, '../../../../weights/clip');
const images = openImageLoader({ trustedHosts: new Set(), renderPicture: () => null });
const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, d) => sum + value * b[d]!, 0);

async function colourClip(t: Test, options = {}) {
  const folder = join(t.testdir({}), 'colours');
  writeColourClip(folder, options);
  const encoder = createClipEncoder(await readClipFolder(folder));
  t.teardown(encoder.close);
  return encoder;
}

t.test('a picture and the words for it have the same vector', async (t) => {
  const encoder = await colourClip(t);
  const names = Object.keys(COLOURS) as (keyof typeof COLOURS)[];
  const rgb = (name: keyof typeof COLOURS) => `rgb(${COLOURS[name].map((part) => part * 255).join(', ')})`;
  const pixels = await Promise.all(
    names.map(
      async (name) =>
        (await images.load(await twoHalves(rgb(name), rgb(name)).png().toBuffer(), encoder.shape)).data,
    ),
  );
  const pictures = await encoder.encodePixels(pixels);
  for (const [i, name] of names.entries()) {
    const text = await encoder.encodeText(name);
    t.equal(text.length, 8);
    t.ok(Math.abs(cosine(text, text) - 1) < 1e-6);
    t.ok(cosine(pictures[i]!, text) > 0.9999, name);
    for (const other of pictures.filter((_, j) => j !== i)) t.ok(cosine(other, text) < 0.9);
  }
});

t.test('a picture is encoded alike alone and in any batch', async (t) => {
  const encoder = await colourClip(t);
  const square = (value: number) => new Uint8Array(32 * 32 * 3).map((_, i) => (value * 37 + i * 11) % 256);
  const many = Array.from({ length: 37 }, (_, i) => square(i));
  const together = await encoder.encodePixels(many);
  t.equal(together.length, 37);
  for (const i of [0, 15, 16, 36])
    t.ok(cosine((await encoder.encodePixels([many[i]!]))[0]!, together[i]!) > 0.99999);
  t.same(await encoder.encodePixels([]), []);
  await t.rejects(encoder.encodePixels([new Uint8Array(5)]), { message: /5 bytes/ });
});

t.test('the same text is encoded once, however it is spaced', async (t) => {
  const encoder = await colourClip(t);
  const [one, two, three] = await Promise.all(['red  blue', ' red blue\n', 'green'].map(encoder.encodeText));
  t.equal(one, two);
  t.not(one, three);
  await t.rejects(
    encoder.encodeText('zebra'),
    { code: 'clip-model-invalid' },
    'a text of no known word has no vector',
  );
});

t.test('questions under way are answered before the model ends', async (t) => {
  const encoder = await colourClip(t);
  const asked = encoder.encodeText('red');
  await encoder.close();
  t.equal((await asked).length, 8);
  t.equal((await encoder.encodeText('blue')).length, 8, 'and it starts again when it is asked again');
});

t.test('a model that is ended while its network computes takes nothing else with it', async (t) => {
  const encoder = createClipEncoder(await readClipFolder(WEIGHTS));
  const { size } = encoder.folder.preprocessing;
  const picture = new Uint8Array(size * size * 3);
  await encoder.encodePixels([picture]);
  const asked = [64, 64, 64].map((count) => encoder.encodePixels(Array(count).fill(picture)));
  await sleep(20);
  await encoder.close();
  t.same(
    (await Promise.all(asked)).map(({ length }) => length),
    [64, 64, 64],
  );
});

t.test('a tower that nobody asks ends, and starts again for the next question', async (t) => {
  const folder = join(t.testdir({}), 'colours');
  writeColourClip(folder);
  const encoder = createClipEncoder(await readClipFolder(folder), 1, { image: 50, text: 50 });
  t.teardown(encoder.close);
  const before = workers();
  const first = await encoder.encodeText('red');
  t.equal(workers(), before + 1);
  while (workers() > before) await sleep(20);
  t.not(await encoder.encodeText('blue'), first);
  t.equal(workers(), before + 1);
});

t.test('a question that comes just as a tower ends is answered by the next one', async (t) => {
  const folder = join(t.testdir({}), 'colours');
  writeColourClip(folder);
  const encoder = createClipEncoder(await readClipFolder(folder), 1, { image: 1, text: 1 });
  t.teardown(encoder.close);
  for (let n = 0; n < 12; n++) {
    const vector = await encoder.encodeText(`red ${n}`);
    t.equal(vector.length, encoder.dims);
    await sleep(n % 6);
  }
});

/** Worker threads of this process. */
function workers(): number {
  return (process.report.getReport() as unknown as { workers: unknown[] }).workers.length;
}
