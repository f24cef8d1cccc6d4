import type { Catalog } from '../src/catalog/index.ts';
import type { SafetyPolicy } from '../src/catalog/types.ts';
import type { Events } from '../src/events/index.ts';
import { type WorldSize, worldSize } from './sizes.ts';
import { makeWorld } from './world.ts';

export { renderPicture } from './render.ts';
export { worldSize } from './sizes.ts';
export { planZoo } from './zoo.ts';

export type SeedReport = { images: number; models: number; users: number; events: number; seconds: number };

/** Every item of the world says its level itself; the few that do not are there to be held back. */
const POLICY: SafetyPolicy = { mode: 'unknown' };
const EVENTS_A_CALL = 1000;

/**
 * Fills catalogue and log with the seed world. Doing it twice changes nothing.
 * @returns what was new.
 */
export async function seedWorld(
  { catalog, events }: { catalog: Pick<Catalog, 'put'>; events: Pick<Events, 'putUser' | 'ingest'> },
  size: Partial<WorldSize>,
  progress: (fraction: number, note?: string) => void,
): Promise<SeedReport> {
  const began = performance.now();
  const world = makeWorld({ ...worldSize('small'), ...size });
  let users = 0;
  for (const { id, attributes } of world.users)
    if ((await events.putUser(id, { attributes })).status === 'created') users++;
  progress(0.2, 'people');

  const stored = await catalog.put(world.items, POLICY);
  const refused = stored.find(({ status }) => status === 'rejected');
  if (refused) throw new Error(`the seed world is not valid: ${refused.code} at ${refused.pointer}`);
  const created = world.items.filter((_, index) => stored[index]!.status === 'created');
  progress(0.6, 'pictures and models');

  let accepted = 0;
  for (let from = 0; from < world.events.length; from += EVENTS_A_CALL) {
    const results = await events.ingest(world.events.slice(from, from + EVENTS_A_CALL));
    accepted += results.filter(({ status }) => status === 'accepted').length;
    progress(0.6 + (0.4 * from) / world.events.length, 'events');
  }
  progress(1, 'done');
  return {
    images: created.filter(({ kind }) => kind === 'image').length,
    models: created.filter(({ kind }) => kind === 'model').length,
    users,
    events: accepted,
    seconds: Math.round((performance.now() - began) / 10) / 100,
  };
}
