import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { recipeOf } from '../../seed/grammar.ts';
import { openDrawings, worldSize } from '../../seed/index.ts';
import { readShippedVectors } from '../../seed/vectors/shipped.ts';
import { makeWorld } from '../../seed/world.ts';
import type { Catalog } from '../../src/catalog/index.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { openImageLoader, openSendable } from '../../src/images/index.ts';
import { type Log, silentLog } from '../../src/log.ts';
import { buildItemGraph, createClipEncoder, readClipFolder } from '../../src/models/index.ts';
import { type Assign, openRecommender, type RecommendQuery } from '../../src/recommend/index.ts';
import { openReranker, openVlmRanker } from '../../src/rerank/index.ts';
import { describeByVlm, openTastes } from '../../src/taste/index.ts';
import { contentEncoder, openToxicity } from '../../src/text/index.ts';
import { carryChanges, openVectors } from '../../src/vectors/index.ts';
import { openVlm } from '../../src/vlm/index.ts';
import { testDatabase } from './database.ts';
import { event, openReplica, stateNow } from './events.ts';

const CLIP = resolve(import.meta.dirname, '../../weights/clip');
/** A fifth of the demo world's pictures, drawn by code and seen by the shipped CLIP. */
const EVERY = 5;
/** What is planted: each person likes one style, whatever it shows. */
export const STYLE_OF = { ada: 'watercolour', ben: 'synthwave', cleo: 'stained-glass' } as const;
export type Person = keyof typeof STYLE_OF;

/** A service over pictures that CLIP sees, with people whose taste is planted; a model behind it where one is named. */
export async function tasteWorld(
  t: { teardown(close: () => unknown): void },
  settings: Partial<Config> = {},
) {
  const db = await testDatabase(t);
  const home = await mkdtemp(join(tmpdir(), 'hamlet-taste-'));
  const config = loadConfig({}, { HAMLET_HOME: home, DRAW_SHARE: 0, ...settings });
  const [toxicity, folder, encoder] = [
    await openToxicity('', silentLog),
    await readClipFolder(CLIP),
    contentEncoder(),
  ];
  const clip = createClipEncoder(folder);
  const { catalog, events } = await openReplica(t, db);
  const vectors = await openVectors(config, silentLog);
  const spaces = { text: encoder.dims, clip: clip.dims };
  const carrier = await carryChanges(db, vectors, { spaces, log: silentLog, pollMs: 0 });
  const items = await putPictures(catalog, clip.id);
  await carrier.drain();
  for (const [person, style] of Object.entries(STYLE_OF)) {
    const liked = items.filter(({ id }, n) => recipeOf(id)?.style === style && n % 2 === 0);
    await events.ingest(liked.map(({ id }) => event(person, id)));
  }
  const graph = buildItemGraph(await events.interactionLog('image'), {});
  const drawings = openDrawings();
  const images = openImageLoader({ trustedHosts: new Set(), renderPicture: drawings.svg });

  /** One api process over all this; several are replicas. */
  async function replica(
    more: Partial<Config> = {},
    { assign, log = silentLog }: { assign?: Assign; log?: Log } = {},
  ) {
    const own = { ...config, ...more };
    const vlm = openVlm(own, log, 500);
    const sendable = openSendable(images, own.VLM_PICTURE_SIDE);
    const parts = { db, catalog, events, toxicity, log, sendable };
    const describer = vlm ? describeByVlm({ ...parts, vlm }) : undefined;
    const tastes = openTastes({ ...parts, encoder: clip, describer });
    const ranker = vlm && openVlmRanker({ ...parts, vlm });
    const recommender = await openRecommender({
      ...{ db, catalog, events, vectors, graph: () => graph, encoder, config: own, log },
      ...{ clip: { encoder: clip }, contentSpace: { current: () => 'clip' as const } },
      ...{ assign, reranker: openReranker({ tastes, vlm: ranker, config: own }) },
    });
    closing.push(async () => {
      await recommender.close();
      await ranker?.close();
      await tastes.close();
    });
    const ask = (userId: string, query: Partial<RecommendQuery> = {}) =>
      recommender.recommend({
        ...{ userId, kind: 'image', limit: 20, surface: 'home', maxLevel: 1, exclude: [], tags: [] },
        ...query,
      });
    const known = async (userId: Person) => tastes.described(await stateNow(events, userId));
    return { tastes, vlm, ranker, recommender, ask, known };
  }

  const closing: (() => Promise<void>)[] = [];
  t.teardown(async () => {
    for (const close of closing) await close();
    await carrier.stop();
    await vectors.close();
    await clip.close();
    images.close();
    await drawings.close();
    await rm(home, { recursive: true, force: true });
  });
  return { ...(await replica()), db, config, catalog, events, replica };
}

async function putPictures(catalog: Catalog, encoder: string) {
  const world = makeWorld(worldSize('full')).items;
  const shipped = (await readShippedVectors(world))!;
  const some = world
    .map((item, n) => ({ item, vector: shipped.vectorOf(n) }))
    .filter(
      ({ item, vector }, n) =>
        item.kind === 'image' && item.browsingLevel === 1 && vector !== null && n % EVERY === 0,
    );
  const results = await catalog.put(
    some.map(({ item }) => ({ ...item, modelIds: [] })),
    { mode: 'trusted' },
  );
  await catalog.storeMeasured(
    'clip',
    encoder,
    some.map(({ item, vector }, n) => ({ ref: results[n]!.ref, url: item.url!, vector: vector! })),
  );
  return some.map(({ item }) => item);
}
