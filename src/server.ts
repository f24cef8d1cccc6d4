import pino from 'pino';
import { seedWorld, worldSize } from '../seed/index.ts';
import { type App, openApp } from './app.ts';
import { loadConfig } from './config.ts';

/** Pictures drawn beforehand at a first start. */
const WARM = 120;

/** Opens everything, listens, and closes it all in order on SIGTERM or SIGINT; a second signal ends at once. */
export async function startServer(): Promise<void> {
  const config = loadConfig();
  const log = pino({ level: config.LOG_LEVEL });
  const app = await openApp(config, log);
  await refuseOpenDoor(app);
  closeOnSignal(app);
  const isNew = await seedWhenEmpty(app);
  const address = await app.http.listen({ host: config.HOST, port: config.PORT });
  log.info({ address }, 'hamlet serves');
  if (isNew && config.DEMO_WORLD === 'full') await warmPictures(app);
}

/** Without a key there is no one to tell apart: only this machine may ask. */
async function refuseOpenDoor({ config, keys, close }: App): Promise<void> {
  const loopback = ['127.0.0.1', '::1', 'localhost'].includes(config.HOST);
  if (loopback || (await keys.any())) return;
  await close();
  throw new Error(
    `HOST ${config.HOST} is not loopback: make an API key first (npx hamlet keys create NAME --scopes admin)`,
  );
}

async function seedWhenEmpty(app: App): Promise<boolean> {
  const { config, db, catalog, events, graphs, carrier, clip, log } = app;
  if (!db.embedded || config.DEMO_WORLD === 'none') return false;
  const [{ images, models }, people] = await Promise.all([catalog.counts(), events.counts()]);
  if (images + models + people.users + people.events > 0) return false;
  log.info('empty database: filling it with the demo world, which takes about half a minute');
  const filled = await seedWorld({ catalog, events, clip }, worldSize(config.DEMO_WORLD), everyFifth(log));
  await app.contentSpace.refresh();
  await graphs.rebuild('image');
  await graphs.rebuild('model');
  await carrier.drain().catch((err) => log.warn({ err }, 'the vector index is filled when it answers'));
  log.info(filled, 'the demo world is there');
  return true;
}

/** Draws what first lists begin with, so that whoever looks first need not wait for it. */
async function warmPictures({ graphs, catalog, pictures }: App): Promise<void> {
  const { items, trend } = graphs.current('image');
  const rising = [...items.keys()].sort((a, b) => trend[b]! - trend[a]!).slice(0, WARM);
  await pictures.warm(
    rising.map((column) => catalog.columns.idOf(items[column]!)),
    256,
  );
}

function everyFifth(log: App['log']) {
  let told = 0;
  return (part: number, note?: string): void => {
    if (part < told + 0.2) return;
    told = part;
    log.info({ percent: Math.round(part * 100) }, `demo world: ${note}`);
  };
}

function closeOnSignal(app: App): void {
  let closing = false;
  const close = async (signal: string) => {
    if (closing) process.exit(1);
    closing = true;
    app.log.info({ signal }, 'closing: requests in flight finish first');
    await app.close();
    process.exit(0);
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}
