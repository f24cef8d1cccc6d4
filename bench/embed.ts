import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { CLIPVisionModelWithProjection, env, Tensor } from '@huggingface/transformers';
import sharp from 'sharp';
import { worldSize } from '../seed/index.ts';
import { renderPicture } from '../seed/render.ts';
import { makeWorld } from '../seed/world.ts';
import { encodeOnSidecar } from '../src/embedding/index.ts';
import { openImageLoader } from '../src/images/index.ts';
import { silentLog } from '../src/log.ts';
import { normalise } from '../src/models/clip/preprocessing.ts';
import { createClipEncoder, openClip } from '../src/models/index.ts';
import { openSidecars } from '../src/sidecar/index.ts';
import { startSidecar } from '../test/support/sidecar.ts';
import { writeResults } from './machine.ts';

/**
 * Images embedded a second: from a WebP of 512 px to its vector, by stage, in the api and by a sidecar; and how
 * long the thread that answers requests is held up meanwhile, beside the same network in that very thread.
 *   node bench/embed.ts        CLIP_MODEL=/models/clip-vit-base-patch32 node bench/embed.ts
 */
const DRAWN = 48;
const PICTURES = 1_920;
const BATCH = 32;

export async function main(): Promise<void> {
  const clip = await openClip(
    { CLIP_MODEL: process.env.CLIP_MODEL ?? '', CONTENT_DIMS: 0 },
    { hasPictures: true, log: silentLog },
  );
  if (clip.encoder === null) throw clip.problem ?? new Error('there is no CLIP model: set CLIP_MODEL');
  const { encoder } = clip;
  const images = openImageLoader({ trustedHosts: new Set(), renderPicture });
  const webp = await drawSome();
  const squares = await Promise.all(webp.map(async (one) => (await images.load(one, encoder.shape)).data));
  const pixels = Array.from({ length: PICTURES }, (_, n) => squares[n % squares.length]!);
  const both = createClipEncoder(encoder.folder, 2);
  await both.encodePixels(squares);

  const figures = {
    encoder: encoder.id,
    pictures: PICTURES,
    apiPerSecond: {
      loadAndResize: await rate(() => inBatches(async (some) => loadAll(some, webp)), PICTURES),
      networkOneThread: await rate(
        () => inBatches((some) => encoder.encodePixels(take(pixels, some))),
        PICTURES,
      ),
      networkTwoThreads: await rate(
        () => inBatches((some) => both.encodePixels(take(pixels, some))),
        PICTURES,
      ),
      whole: await rate(
        () => inBatches(async (some) => encoder.encodePixels(await loadAll(some, webp))),
        PICTURES,
      ),
      textQueries: await rate(
        () => Promise.all(Array.from({ length: 500 }, (_, n) => encoder.encodeText(`a castle ${n}`))),
        500,
      ),
    },
    requestThreadHeldUpMs: {
      networkInItsOwnThread: await heldUp(() =>
        inBatches((some) => encoder.encodePixels(take(pixels, some))),
      ),
      networkInTheRequestThread: await heldUp(await inThisThread()),
    },
    sidecar: await onSidecar(),
  };
  console.log(JSON.stringify(figures, null, 2));
  await writeResults('embed', figures);
  await Promise.all([clip.close(), both.close()]);

  async function loadAll(some: number[], from: Buffer[]): Promise<Uint8Array[]> {
    return Promise.all(
      some.map(async (n) => (await images.load(from[n % from.length]!, encoder.shape)).data),
    );
  }

  /** What the worker does, without the worker. */
  async function inThisThread(): Promise<() => Promise<void>> {
    env.allowRemoteModels = false;
    const { path, dtype, preprocessing } = encoder.folder;
    const options = { local_files_only: true, dtype, session_options: { intraOpNumThreads: 1 } };
    const model = await CLIPVisionModelWithProjection.from_pretrained(path, options);
    const { size } = preprocessing;
    return () =>
      inBatches(async (some) => {
        const planes = normalise(Buffer.concat(take(pixels, some)), some.length, preprocessing);
        await model({ pixel_values: new Tensor('float32', planes, [some.length, 3, size, size]) });
      });
  }

  async function onSidecar() {
    const home = await mkdtemp(join(tmpdir(), 'hamlet-embed-'));
    const ends: (() => unknown)[] = [];
    try {
      const jobs = 'hamlet_sidecar.jobs.registry';
      const { url } = await startSidecar({ teardown: (end) => ends.push(end) }, home, { jobs });
      const sidecars = openSidecars({ SIDECAR_URL: url, SIDECAR_TOKEN: '' }, silentLog);
      const [state] = await sidecars.states();
      const elsewhere = encodeOnSidecar(encoder, sidecars, home);
      const perSecond = await rate(() => elsewhere.encodePixels(pixels), PICTURES);
      const artifacts = join(home, 'artifacts');
      const made = (await readdir(artifacts)).find((name) => name.startsWith('embeddings-'))!;
      const { imagesPerSecond } = JSON.parse(await readFile(join(artifacts, made, 'metrics.json'), 'utf8'));
      return {
        device: state!.health!.deviceName,
        network: Math.round(imagesPerSecond),
        withItsStart: perSecond,
      };
    } finally {
      for (const end of ends) await end();
      await rm(home, { recursive: true, force: true });
    }
  }
}

async function drawSome(): Promise<Buffer[]> {
  const ids = makeWorld(worldSize('small'))
    .pictures.slice(0, DRAWN)
    .map(({ id }) => id);
  return Promise.all(
    ids.map((id) =>
      sharp(Buffer.from(renderPicture(id)!))
        .webp({ quality: 82 })
        .toBuffer(),
    ),
  );
}

const take = (from: Uint8Array[], some: number[]) => some.map((n) => from[n]!);

/** Batch after batch, as the embedder does. */
async function inBatches(work: (some: number[]) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < PICTURES; from += BATCH)
    await work(Array.from({ length: Math.min(BATCH, PICTURES - from) }, (_, n) => from + n));
}

async function rate(work: () => Promise<unknown>, count: number): Promise<number> {
  const began = performance.now();
  await work();
  return Math.round((count / (performance.now() - began)) * 1000);
}

async function heldUp(work: () => Promise<unknown>): Promise<{ p99: number; max: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  const ms = (nanoseconds: number) => Math.round(nanoseconds / 1e4) / 100;
  return { p99: ms(delay.percentile(99)), max: ms(delay.max) };
}

if (import.meta.main) await main();
