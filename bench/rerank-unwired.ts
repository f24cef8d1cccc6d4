import { createHash } from 'node:crypto';
import { worldSize } from '../seed/sizes.ts';
import { makeWorld } from '../seed/world.ts';
import { KIND_CODE } from '../src/catalog/types.ts';
import { loadConfig } from '../src/config.ts';
import {
  type ClientOrder,
  type Judging,
  measurePrepared,
  type Prepared,
  prepareRerank,
  type RerankReport,
  towersInForce,
} from '../src/evaluation/index.ts';
import { silentLog } from '../src/log.ts';
import { openIndexed } from '../src/store.ts';
import { type Describe, readVocabulary } from '../src/taste/index.ts';
import type { Question as Asked, Part, Vlm } from '../src/vlm/index.ts';
import { type Behaviour, erring, FAULTLESS, randomFor } from '../test/judge/behaviour.ts';
import type { Preference } from '../test/judge/request.ts';
import { openSight } from '../test/judge/sight.ts';
import { worthOf } from '../test/judge/taste.ts';
import { keepReports, print } from './rerank.ts';
import { eventsOf, otherPeople } from './world-others.ts';

/**
 * `bench/rerank.ts` without the wire: the same lists, prompts, plans and judge, but the judge reads the vectors that
 * its CLIP has made of the pictures (weights/world) instead of pixels over HTTP, and tastes are described by
 * attributes. Thousands of lists in minutes, to choose by (PART=tuning) and for narrow intervals.
 *   node bench/rerank-unwired.ts        KIND=model node bench/rerank-unwired.ts
 *   PEOPLE=202 …      other people met the same things (world-others.ts)        TOWERS=off …    without the two towers
 */
const { LISTS = '500', PART = 'test', KIND, PEOPLE, TOWERS } = process.env;
const JUDGE = { noise: 2, bias: 3 };
const ALL: ClientOrder[] = ['identity', 'reversed', 'gold-first', 'gold-last'];
const SETTINGS: [name: string, kind: 'image' | 'model', ways: Partial<Behaviour>, ClientOrder[]][] = [
  ['images, σ 2, b 3', 'image', JUDGE, ALL],
  ['images, faultless', 'image', {}, ['identity']],
  ['models, σ 2, b 3', 'model', JUDGE, ['identity', 'reversed']],
  ['models, faultless', 'model', {}, ['identity']],
  ['images, σ 4, b 3', 'image', { noise: 4, bias: 3 }, ['identity']],
  ['images, σ 8, b 3', 'image', { noise: 8, bias: 3 }, ['identity']],
  ['images, σ 50, b 0: noise alone', 'image', { noise: 50 }, ['identity']],
  ['models, σ 8, b 3', 'model', { noise: 8, bias: 3 }, ['identity']],
  ['models, σ 50, b 0: noise alone', 'model', { noise: 50 }, ['identity']],
];

export async function main(): Promise<void> {
  const parts = await openIndexed(loadConfig(), silentLog);
  const reports: Record<string, RerankReport> = {};
  const prepared: Partial<Record<'image' | 'model', Prepared>> = {};
  const events = PEOPLE
    ? eventsOf(otherPeople(makeWorld(worldSize('full', 1)), Number(PEOPLE)), parts.catalog.columns)
    : parts.events;
  try {
    const encoder = parts.clip.encoder!;
    const eyes = await openSight(encoder);
    const { columns } = parts.catalog;
    const pictures = Array.from({ length: columns.size }, (_, item) => item).filter(
      (item) => columns.kind[item] === KIND_CODE.image,
    );
    const vectors = await parts.catalog.vectors('clip', pictures);
    const seen = new Map<string, Float32Array>(
      pictures.map((item) => [`/pictures/${columns.idOf(item)}.webp`, vectors.get(item)!] as const),
    );
    /** A picture goes by its address; those that LoRAs made are no items and are looked at here. */
    const sendable = async (url: string): Promise<Buffer> => {
      if (!seen.has(url)) {
        const { data } = await parts.images.load(url, encoder.shape);
        seen.set(url, (await encoder.encodePixels([data]))[0]!);
      }
      return Buffer.from(url);
    };
    const vocabulary = (await readVocabulary({ ...parts, encoder }))!;
    const describer: Describe = {
      ...{ source: 'attributes', version: vocabulary.version },
      describe: async (_history, drafts) => drafts,
    };
    for (const [name, kind, ways, clientOrders] of SETTINGS) {
      if (KIND !== undefined && kind !== KIND) continue;
      const began = performance.now();
      const vlm = judgeOf({ ...FAULTLESS, ...ways }, (picture) => ({
        ...eyes.read(seen.get(picture.toString())!),
        tokens: 0,
      }));
      const judging: Judging = {
        ...{ ...parts, vlm, sendable, describer, vocabulary, kind },
      };
      const part = PART === 'tuning' ? 'tuning' : 'test';
      const options = { kind, part, lists: Number(LISTS), seed: 1, clientOrders } as const;
      const inForce = TOWERS === 'off' ? null : await towersInForce(parts, kind);
      // Of other people they have learned nothing, at any time.
      const towers = inForce && (PEOPLE === undefined ? inForce : { ...inForce, until: 0 });
      prepared[kind] ??= await prepareRerank({ ...parts, events, towers }, judging, options);
      reports[name] = await measurePrepared(prepared[kind], judging, options);
      print(name, reports[name], (performance.now() - began) / 1000);
      if (part === 'test' && PEOPLE === undefined && towers !== null)
        await keepReports(LISTS === '500' ? 'rerank-unwired' : `rerank-unwired-${LISTS}`, reports);
    }
    eyes.close();
  } finally {
    await parts.close();
  }
}

type Look = (picture: Buffer) => Parameters<typeof worthOf>[1][number];

function judgeOf(behaviour: Behaviour, look: Look): Vlm {
  const asked = new Map<string, number>();
  const worths = new Map<string, number>();
  /** The same pictures are worth the same to the same preferences, whichever call they stand in. */
  function worthTo(preferences: Preference[], pictures: Buffer[]): number {
    const about = JSON.stringify([preferences, pictures.map(String)]);
    const worth =
      worths.get(about) ?? worthOf({ label: '', words: '', pictures: [] }, pictures.map(look), preferences);
    worths.set(about, worth);
    return worth;
  }
  return {
    ...{ model: 'judge', pictures: { most: 44, side: 96 }, state: () => 'up' },
    counts: () => ({ outcomes: new Map(), tokens: 0, repairs: 0 }),
    async ask<T>({ parts, read }: Asked<T>) {
      const { preferences, items } = readParts(parts);
      const text = createHash('sha256').update(JSON.stringify(parts)).digest('base64');
      const times = (asked.get(text) ?? 0) + 1;
      asked.set(text, times);
      const random = randomFor(createHash('sha256').update(`${text} ${times}`).digest());
      const faultless = items.map((pictures) => worthTo(preferences, pictures));
      const scores = erring(faultless, behaviour, random).map((score, n) => ({ item: String(n + 1), score }));
      return { value: read({ scores }), tokens: 0, ms: 0, repaired: false };
    },
  };
}

function readParts(parts: readonly Part[]) {
  const items: Buffer[][] = [];
  let preferences: Preference[] = [];
  for (const part of parts) {
    if ('picture' in part) items.at(-1)!.push(part.picture);
    else if (part.text.startsWith('Preferences:')) preferences = JSON.parse(part.text.slice(12));
    else if (/^Item \d+:/u.test(part.text)) items.push([]);
  }
  return { preferences, items };
}

if (import.meta.main) await main();
