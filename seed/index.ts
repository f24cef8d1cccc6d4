import type { Catalog } from '../src/catalog/index.ts';
import type { PutResult, SafetyPolicy } from '../src/catalog/types.ts';
import type { Events } from '../src/events/index.ts';
import type { WorldSize } from './sizes.ts';
import { readShippedVectors } from './vectors/shipped.ts';
import { makeWorld } from './world.ts';

export { renderPicture } from './render.ts';
export { openDrawings } from './served/drawings.ts';
export { openPictures, type Pictures } from './served/index.ts';
export { SHIPPED_BASE, shippedLora } from './shipped-loras.ts';
export { serveShippedModels } from './shipped-models.ts';
export { readShowcase, showcaseOf } from './showcases.ts';
export { type SizeName, type WorldSize, worldSize } from './sizes.ts';
export { planZoo } from './zoo.ts';

export type SeedReport = { images: number; models: number; users: number; events: number; seconds: number };

/** Every item of the world says its level itself; the few that do not are there to be held back. */
const POLICY: SafetyPolicy = { mode: 'unknown' };
const ITEMS_A_CALL = 800;
const EVENTS_A_CALL = 2000;
const USERS_AT_ONCE = 8;

type Parts = {
  catalog: Pick<Catalog, 'put' | 'storeMeasured'>;
  events: Pick<Events, 'putUser' | 'ingest'>;
  /** The CLIP model in force: shipped vectors are used when it is the one that made them. */
  clip: { encoder: { id: string } | null };
  /** Those in weights/world, unless a test has others. */
  shippedVectors?: typeof readShippedVectors;
};
type Progress = (fraction: number, note?: string) => void;

/**
 * Fills catalogue and log with the demo world. Doing it twice changes nothing.
 * @returns what was new.
 */
export async function seedWorld(parts: Parts, size: WorldSize, progress: Progress): Promise<SeedReport> {
  const began = performance.now();
  progress(0, 'making the world');
  const world = makeWorld(size);
  const users = await putUsers(parts, world.users, (part) => progress(0.1 + 0.05 * part, 'people'));
  const items = await putItems(parts, world.items, (part) =>
    progress(0.15 + 0.25 * part, 'pictures and models'),
  );
  const events = await putEvents(parts, world.events, (part) => progress(0.4 + 0.6 * part, 'events'));
  progress(1, 'done');
  return { ...items, users, events, seconds: Math.round((performance.now() - began) / 10) / 100 };
}

type World = ReturnType<typeof makeWorld>;

async function putUsers({ events }: Parts, users: World['users'], progress: Progress): Promise<number> {
  let created = 0;
  for (let from = 0; from < users.length; from += USERS_AT_ONCE) {
    const some = users.slice(from, from + USERS_AT_ONCE);
    const stored = await Promise.all(some.map(({ id, attributes }) => events.putUser(id, { attributes })));
    created += stored.filter(({ status }) => status === 'created').length;
    progress(from / users.length);
  }
  return created;
}

async function putItems(parts: Parts, items: World['items'], progress: Progress) {
  const created = { images: 0, models: 0 };
  const storeVectors = await shippedVectorsFor(parts, items);
  for (let from = 0; from < items.length; from += ITEMS_A_CALL) {
    const some = items.slice(from, from + ITEMS_A_CALL);
    const results = await parts.catalog.put(some, POLICY);
    for (const [index, { status, code, pointer }] of results.entries()) {
      if (status === 'rejected') throw new Error(`the demo world is not valid: ${code} at ${pointer}`);
      if (status === 'created') created[some[index]!.kind === 'image' ? 'images' : 'models']++;
    }
    await storeVectors(from, results);
    progress(from / items.length);
  }
  return created;
}

/** Beside new items, at once: whoever looks for pictures without a vector finds none of them. */
async function shippedVectorsFor(parts: Parts, items: World['items']) {
  const { catalog, clip, shippedVectors = readShippedVectors } = parts;
  const shipped = await shippedVectors(items);
  return async (from: number, results: PutResult[]): Promise<void> => {
    if (shipped === null || shipped.encoder !== clip.encoder?.id) return;
    const measured = results.flatMap(({ ref, status }, n) => {
      const vector = status === 'unchanged' ? null : shipped.vectorOf(from + n);
      return vector === null ? [] : [{ ref, url: items[from + n]!.url!, vector }];
    });
    await catalog.storeMeasured('clip', shipped.encoder, measured);
  };
}

async function putEvents({ events }: Parts, all: World['events'], progress: Progress): Promise<number> {
  let accepted = 0;
  for (let from = 0; from < all.length; from += EVENTS_A_CALL) {
    const results = await events.ingest(all.slice(from, from + EVENTS_A_CALL));
    accepted += results.filter(({ status }) => status === 'accepted').length;
    progress(from / all.length);
  }
  return accepted;
}
