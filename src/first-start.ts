import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type SizeName, seedWorld, serveShippedModels, worldSize } from '../seed/index.ts';
import type { App } from './app.ts';
import { LEVEL } from './catalog/types.ts';

/** Pictures drawn beforehand at a first start. */
const WARM = 120;
/** Items of a page of the console. */
const FIRST_PAGE = 20;
/** There from before the first row is written until the last: a start that was killed is taken up again. */
const UNFINISHED = 'demo-world.unfinished';

/** Fills an empty database of its own with the demo world. @returns whether it did. */
export async function fillWhenNew(app: App): Promise<boolean> {
  const { config, db } = app;
  const { DEMO_WORLD: wanted } = config;
  if (!db.embedded || wanted === 'none') return false;
  const marker = join(config.HAMLET_HOME, UNFINISHED);
  if (existsSync(marker)) {
    app.log.info('a first start was cut short: filling in what the demo world still lacks');
    // As it was begun: half of one world and half of another would be neither.
    await fill(app, sizeNamed(await readFile(marker, 'utf8')) ?? wanted);
  } else {
    if (!(await isEmpty(app))) return false;
    app.log.info('empty database: filling it with the demo world, which takes about half a minute');
    await writeFile(marker, wanted, { flush: true });
    await fill(app, wanted);
  }
  await rm(marker);
  return true;
}

/**
 * Makes a list of each kind for the person the console opens on, before anybody can ask: the first one compiles
 * what it runs through and reads its vectors, so that its sources would be late.
 * @returns the images of theirs
 */
export async function rehearse({ events, recommender, log }: App): Promise<string[]> {
  const [person] = await events.listUsers('', 1);
  if (person === undefined) return [];
  const query = {
    userId: person.id,
    limit: FIRST_PAGE,
    surface: 'rehearsal',
    maxLevel: LEVEL.XXX,
    exclude: [],
    tags: [],
  };
  try {
    await recommender.rehearse({ ...query, kind: 'model' });
    return await recommender.rehearse({ ...query, kind: 'image' });
  } catch (err) {
    log.warn({ err }, 'no list could be rehearsed: the first one may come without some of its sources');
    return [];
  }
}

/** Draws what first lists begin with, so that whoever looks first need not wait for it. */
export async function warmPictures({ graphs, catalog, pictures }: App, first: string[]): Promise<void> {
  const { items, trend } = graphs.current('image');
  const rising = [...items.keys()].sort((a, b) => trend[b]! - trend[a]!).slice(0, WARM);
  await pictures.warm([...first, ...rising.map((column) => catalog.columns.idOf(items[column]!))], 256);
}

const sizeNamed = (text: string): SizeName | undefined =>
  (['full', 'small'] as const).find((name) => name === text.trim());

async function isEmpty({ catalog, events }: App): Promise<boolean> {
  const [{ images, models }, people] = await Promise.all([catalog.counts(), events.counts()]);
  return images + models + people.users + people.events === 0;
}

async function fill(app: App, size: SizeName): Promise<void> {
  const { catalog, config, db, events, graphs, carrier, clip, log } = app;
  const world = worldSize(size);
  const filled = await seedWorld({ catalog, events, clip }, world, everyFifth(log));
  await app.contentSpace.refresh();
  // Awake before the first search, which would not wait for it.
  await clip.encoder?.encodeText('a picture').catch((err) => log.warn({ err }, 'CLIP does not answer'));
  await graphs.rebuild('image');
  await graphs.rebuild('model');
  await serveShippedModels({ db, home: config.HAMLET_HOME }, world);
  await app.watchModels();
  await carrier.drain().catch((err) => log.warn({ err }, 'the vector index is filled when it answers'));
  log.info(filled, 'the demo world is there');
}

function everyFifth(log: App['log']) {
  let told = 0;
  return (part: number, note?: string): void => {
    if (part < told + 0.2) return;
    told = part;
    log.info({ percent: Math.round(part * 100) }, `demo world: ${note}`);
  };
}
