import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import t from 'tap';
import { SIDECAR_ENVIRONMENT, sidecarPython } from '../../scripts/sidecar-env.ts';
import { encodeOnSidecar } from '../../src/embedding/index.ts';
import { openImageLoader } from '../../src/images/index.ts';
import { silentLog } from '../../src/log.ts';
import { createClipEncoder, openClip, readClipFolder } from '../../src/models/index.ts';
import { openSidecars } from '../../src/sidecar/index.ts';
import { writeColourClip } from '../support/colour-clip.ts';
import { startSidecar } from '../support/sidecar.ts';

/** ViT-B/32 in all but its width and depth, so that it is made in seconds; random numbers. */
const [WIDTH, LAYERS] = ['192', '2'];
t.setTimeout(600_000);

const home = t.testdir({});
const folder = join(home, 'vit-b-32');
await promisify(execFile)(
  await sidecarPython(),
  [resolve(import.meta.dirname, '../support/make_clip.py'), folder, WIDTH!, LAYERS!],
  { env: { ...process.env, ...SIDECAR_ENVIRONMENT } },
);
const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, d) => sum + value * b[d]!, 0);
const images = openImageLoader({ trustedHosts: new Set(), renderPicture: () => null });

/** Pictures that differ: noise of many colours and sizes. */
const pictures = await Promise.all(
  Array.from({ length: 70 }, (_, n) =>
    sharp({
      create: {
        ...{ width: 200 + n * 3, height: 300 - n, channels: 3 as const, background: '#000' },
        noise: { type: 'gaussian' as const, mean: 60 + n * 2, sigma: 10 + n },
      },
    })
      .blur(0.5 + (n % 7))
      .jpeg()
      .toBuffer(),
  ),
);

t.test('a folder in the shape of ViT-B/32 is used as any other', async (t) => {
  const clip = await openClip({ CLIP_MODEL: folder, CONTENT_DIMS: 0 }, { hasPictures: true, log: silentLog });
  t.teardown(clip.close);
  t.equal(clip.problem, null);
  t.match(clip.encoder?.folder, { dims: 512, preprocessing: { size: 224, crop: 1, kernel: 'cubic' } });
  const [castle, dusk] = await Promise.all(['a red castle', 'dusk'].map(clip.encoder!.encodeText));
  t.ok(cosine(castle!, dusk!) < 0.999);
});

t.test('the same pixels give the same vectors here and on a sidecar', async (t) => {
  const encoder = createClipEncoder(await readClipFolder(folder));
  t.teardown(encoder.close);
  const sidecar = await startSidecar(t, home, { jobs: 'hamlet_sidecar.jobs.registry' });
  const elsewhere = encodeOnSidecar(encoder, sidecarsAt(sidecar.url), home);
  const pixels = await Promise.all(pictures.map(async (one) => (await images.load(one, encoder.shape)).data));
  const [here, there] = [await encoder.encodePixels(pixels), await elsewhere.encodePixels(pixels)];
  t.equal(there.length, pictures.length);
  const least = Math.min(...here.map((vector, n) => cosine(vector, there[n]!)));
  t.ok(least >= 0.9999, `PyTorch and ONNX: cosine ${least}`);
  t.ok(cosine(here[0]!, there[69]!) < 0.9999, 'and pictures differ');
  t.same(await elsewhere.encodePixels(pixels), there, 'asked again, it answers what it has');

  const colours = join(home, 'colours');
  writeColourClip(colours);
  const small = createClipEncoder(await readClipFolder(colours));
  t.teardown(small.close);
  const seen = await Promise.all(pictures.map(async (one) => (await images.load(one, small.shape)).data));
  const onlyOnnx = await encodeOnSidecar(small, sidecarsAt(sidecar.url), home).encodePixels(seen);
  const same = await small.encodePixels(seen);
  t.ok(
    same.every((vector, n) => cosine(vector, onlyOnnx[n]!) > 0.9999),
    'also of a folder that has only ONNX',
  );
});

t.test('a sidecar that is away, and vectors that are not whole, are errors with a name', async (t) => {
  const encoder = createClipEncoder(await readClipFolder(folder));
  t.teardown(encoder.close);
  const pixels = [new Uint8Array(224 * 224 * 3).fill(77)];
  await t.rejects(encodeOnSidecar(encoder, sidecarsAt(''), home).encodePixels(pixels), {
    code: 'sidecar-unavailable',
  });
  const sidecar = await startSidecar(t, home, { jobs: 'hamlet_sidecar.jobs.registry' });
  const sidecars = sidecarsAt(sidecar.url);
  const damaging = {
    ...sidecars,
    choose: async (kind: string) => {
      const chosen = await sidecars.choose(kind);
      return {
        ...chosen,
        status: async (id: string, fence: number) => {
          const status = await chosen.status(id, fence);
          if (status.state === 'done') damage(join(home, 'artifacts', String(status.result!.artifact)));
          return status;
        },
      };
    },
  };
  await t.rejects(encodeOnSidecar(encoder, damaging, home).encodePixels(pixels), {
    code: 'artifact-invalid',
  });
});

const sidecarsAt = (url: string) => openSidecars({ SIDECAR_URL: url, SIDECAR_TOKEN: '' }, silentLog);

function damage(artifact: string): void {
  const file = join(artifact, 'vectors.safetensors');
  const bytes = readFileSync(file);
  bytes[bytes.length - 1] = bytes[bytes.length - 1]! ^ 0xff;
  writeFileSync(file, bytes);
}
