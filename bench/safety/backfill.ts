import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { referencePicture, worldPictures } from '../../seed/reference-pictures.ts';
import { residentMB, runHamlet, startApi } from '../../test/support/api-process.ts';
import { childProcesses } from '../../test/support/child-processes.ts';
import { drive, type Load } from '../load.ts';

/** Pairs of windows, without and with a backlog, one right after the other: a shared machine changes all the time. */
const PAIRS = 12;
/** More than are classified in a window. */
const BACKLOG = 120;
/** Requests a second, in an open loop: a saturated server has no p99 but its queue's. */
const RATE = 40;
const CONNECTIONS = 8;
/** Longer than a network waits for another question. */
const IDLE_MS = 45_000;

type Window = Load & { classified: number };

/** Lists of an api over the demo world at a set rate, with and without pictures being classified in the background. */
export async function measureBackfill(seconds: number): Promise<object> {
  const home = await mkdtemp(join(tmpdir(), 'hamlet-backfill-'));
  const pictures = await servePictures();
  const env = {
    ...{ DEMO_WORLD: 'small', EMBED_SHARE: '0', PUT_SAFETY: 'classify', PICTURE_HOSTS: '127.0.0.1' },
  };
  try {
    const api = await startApi(home, env);
    await graphReady(api.url);
    await drive(api.url, PATHS, CONNECTIONS, 2 * seconds, RATE);
    const memory = { apiBefore: (await residentMB(api.child)).now, network: 0 };

    const [without, within]: [Window[], Window[]] = [[], []];
    for (let pair = 0; pair < PAIRS; pair++) {
      without.push(await window(api.url, seconds));
      await putUnrated(api.url, pictures.url, pair * BACKLOG, BACKLOG);
      within.push(await window(api.url, seconds));
      while (pictures.served() < (pair + 1) * BACKLOG) await sleep(100);
      for (const pid of childProcesses(api.child.pid!, 'onnx-process'))
        memory.network = Math.max(memory.network, (await residentMB({ pid })).peak);
      await sleep(2_000);
    }
    await sleep(IDLE_MS);
    const networksAfter = childProcesses(api.child.pid!, 'onnx-process').length;
    const apiAfter = (await residentMB(api.child)).now;
    await api.stop();

    const p99 = (windows: Window[]) => median(windows.map((one) => one.p99));
    const ratios = without.map(({ p99 }, n) => Math.round((within[n]!.p99 / p99) * 100) / 100);
    return {
      ...{ ratePerSecond: RATE, seconds, without, within },
      ...{ p99Without: p99(without), p99Within: p99(within), ratios, ratio: median(ratios) },
      memoryMB: { ...memory, apiAfter, networksAfter },
      classify: await classifyRest(home, pictures.url, env),
    };
  } finally {
    pictures.close();
    await rm(home, { recursive: true, force: true });
  }

  async function window(url: string, seconds: number): Promise<Window> {
    const before = pictures.served();
    const load = await drive(url, PATHS, CONNECTIONS, seconds, RATE);
    return { ...load, classified: pictures.served() - before };
  }
}

/** `npx hamlet classify` over few and over many: how fast, and whether memory grows. */
async function classifyRest(home: string, url: string, env: Record<string, string>) {
  const peaks: number[] = [];
  let picturesPerSecond = 0;
  for (const count of [250, 1_000]) {
    const api = await startApi(home, { ...env, CLASSIFY_SHARE: '0' });
    await putUnrated(api.url, url, count * 100, count);
    await api.stop();
    const json = join(home, 'classified.json');
    const { peakMB } = await runHamlet(home, ['classify', '--json', json], env);
    const { classified, seconds } = JSON.parse(await readFile(json, 'utf8'));
    if (classified !== count) throw new Error(`${classified} classified of ${count}`);
    picturesPerSecond = Math.round((classified / seconds) * 10) / 10;
    peaks.push(peakMB);
  }
  return { picturesPerSecond, peakMBOf250: peaks[0], peakMBOf1000: peaks[1] };
}

const PATHS = Array.from({ length: 500 }, (_, n) => `/users/user-${n + 1}/recommendations?limit=20`);

/** Renders of the demo world as WebP of 320 pixels, each URL another picture. */
async function servePictures() {
  const webp = await Promise.all(
    worldPictures(64).map(async (id) =>
      sharp(await referencePicture(id))
        .webp()
        .toBuffer(),
    ),
  );
  let served = 0;
  const server = createServer((_, response) => response.end(webp[served++ % webp.length]!));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, served: () => served, close: () => server.close() };
}

async function putUnrated(api: string, pictures: string, from: number, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, n) =>
    JSON.stringify({ kind: 'image', id: `unrated-${from + n}`, url: `${pictures}/${from + n}.webp` }),
  );
  const answer = await fetch(`${api}/items`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: lines.join('\n') },
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** Lists are only worth timing when the item graph has been built. */
async function graphReady(url: string): Promise<void> {
  for (let waited = 0; waited < 240; waited++) {
    const answer = await fetch(`${url}/users/user-1/recommendations?limit=20`);
    const page = (await answer.json()) as { items?: { sources: string[] }[] };
    if (page.items?.some((item) => item.sources.includes('similar'))) return;
    await sleep(1000);
  }
  throw new Error('the item graph was not built within four minutes');
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
