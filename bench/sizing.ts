import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../src/db/index.ts';
import { silentLog } from '../src/log.ts';
import { seededRandom } from '../src/recommend/random.ts';
import { residentMB, runHamlet, startApi } from '../test/support/api-process.ts';
import { writeResults } from './machine.ts';

/**
 * What one more item, event, person and list costs in bytes: the same world at three sizes, and the slopes
 * between them. Vectors of 64 numbers; what a vector costs beyond follows from its length.
 *   node bench/sizing.ts
 */
type Size = { items: number; events: number; people: number };
const SMALL: Size = { items: 15_000, events: 100_000, people: 2_000 };
const ITEMS: Size = { ...SMALL, items: 60_000 };
const EVENTS: Size = { ...SMALL, events: 400_000 };
const LISTS = 400;
const DAY_MS = 86_400_000;

export async function main(): Promise<void> {
  const small = await measure(SMALL);
  const items = await measure(ITEMS);
  const events = await measure(EVENTS);
  const per = (of: 'items' | 'events', of2: typeof small, key: keyof typeof small, size: Size) =>
    Math.round((of2[key] - small[key]) / (size[of] - SMALL[of]));
  const slopes = {
    item: {
      databaseBytes: per('items', items, 'databaseBytes', ITEMS),
      vectorBytes: per('items', items, 'vectorBytes', ITEMS),
      memoryBytes: per('items', items, 'memoryBytes', ITEMS),
    },
    event: {
      databaseBytes: per('events', events, 'databaseBytes', EVENTS),
      memoryBytes: per('events', events, 'memoryBytes', EVENTS),
    },
    list: { databaseBytes: small.listBytes },
  };
  console.log(slopes);
  await writeResults('sizing', { small: { ...SMALL, ...small }, slopes });
}

async function measure(size: Size) {
  const folder = await mkdtemp(join(tmpdir(), 'hamlet-sizing-'));
  const home = join(folder, 'home');
  try {
    const file = join(folder, 'world.ndjson');
    await writeWorld(file, size);
    await runHamlet(home, ['import', 'ndjson', file]);
    await runHamlet(home, ['train', 'item-graph']);
    const api = await startApi(home, { DEMO_WORLD: 'none', EMBED_SHARE: '0', CLASSIFY_SHARE: '0' });
    const db = await openDatabase({ DATABASE_URL: '', DATABASE_POOL: 2, HAMLET_HOME: home }, silentLog);
    const bytes = async () =>
      (await db.pool.query<{ n: number }>('select pg_database_size(current_database()) as n')).rows[0]!.n;
    try {
      while (!(await isIndexed(api.url))) await sleep(500);
      for (let person = 0; person < 200; person++) await ask(api.url, person);
      await db.pool.query('checkpoint');
      const figures = {
        databaseBytes: await bytes(),
        vectorBytes: await folderBytes(join(home, 'vectors')),
        memoryBytes: (await residentMB(api.child)).now * 2 ** 20,
      };
      for (let list = 0; list < LISTS; list++) await ask(api.url, list);
      const listBytes = Math.round(((await bytes()) - figures.databaseBytes) / LISTS);
      console.log(size, { ...figures, listBytes });
      return { ...figures, listBytes };
    } finally {
      await db.close();
      await api.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function writeWorld(path: string, { items, events, people }: Size): Promise<void> {
  const random = seededRandom(1);
  const draw = (n: number) => Math.floor(random.next() * n);
  const out = createWriteStream(path);
  for (let id = 0; id < items; id++) {
    const vector = Array.from({ length: 64 }, () => Math.round(1000 * (random.next() - 0.5)) / 1000);
    const words = {
      title: `Picture ${id}`,
      prompt: `a picture of thing ${draw(900)} in style ${draw(90)}, detailed`,
    };
    const about = {
      url: `https://example.org/${id}.webp`,
      creatorId: `maker-${draw(people)}`,
      browsingLevel: 1,
    };
    out.write(
      `${JSON.stringify({ kind: 'image', id: `i-${id}`, ...words, ...about, tags: [`t${draw(90)}`, `u${draw(90)}`], vector })}\n`,
    );
  }
  const now = Date.now();
  for (let n = 0; n < events; n++) {
    const type = draw(5) === 0 ? 'like' : 'view';
    const who = {
      eventId: `e-${n}`,
      userId: `p-${draw(people)}`,
      itemKind: 'image',
      itemId: `i-${draw(items)}`,
    };
    const occurredAt = new Date(now - draw(300) * DAY_MS).toISOString();
    out.write(`${JSON.stringify({ ...who, type, occurredAt })}\n`);
  }
  await finished(out.end());
}

const ask = (url: string, person: number) =>
  fetch(`${url}/users/p-${person}/recommendations`).then((answer) => answer.arrayBuffer());

async function isIndexed(url: string): Promise<boolean> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lags = [...text.matchAll(/^hamlet_outbox_lag_versions\S* (\d+)/gm)].map(([, lag]) => Number(lag));
  return lags.length > 0 && lags.every((lag) => lag === 0);
}

async function folderBytes(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(files.map((file) => stat(join(folder, file))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

if (import.meta.main) await main();
