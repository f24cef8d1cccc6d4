import pino from 'pino';
import { type App, openApp } from './app.ts';
import { loadConfig } from './config.ts';
import { HamletError } from './errors.ts';
import { fillWhenNew, rehearse, warmPictures } from './first-start.ts';

/** Opens everything, listens, and closes it all in order on SIGTERM or SIGINT; a second signal ends at once. */
export async function startServer(): Promise<void> {
  const config = loadConfig();
  const log = pino({ level: config.LOG_LEVEL });
  const app = await openApp(config, log);
  await refuseOpenDoor(app);
  closeOnSignal(app);
  const isNew = await fillWhenNew(app);
  const first = await rehearse(app);
  const address = await listen(app);
  log.info({ address }, 'hamlet serves');
  if (isNew && config.DEMO_WORLD === 'full') await warmPictures(app, first);
}

/** @throws HamletError `port-taken`, everything closed again */
async function listen({ http, config: { HOST: host, PORT: port }, close }: App): Promise<string> {
  try {
    return await http.listen({ host, port });
  } catch (error) {
    await close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new HamletError('port-taken', 409, `PORT ${port} is in use: end what listens there, or set PORT.`);
  }
}

/** Without a key there is no one to tell apart: only this machine may ask. */
async function refuseOpenDoor({ config, keys, close }: App): Promise<void> {
  const loopback = ['127.0.0.1', '::1', 'localhost'].includes(config.HOST);
  if (loopback || (await keys.any())) return;
  await close();
  throw new HamletError(
    'open-door',
    403,
    `HOST ${config.HOST} is not loopback: make an API key first (npx hamlet keys create NAME --scopes admin).`,
  );
}

function closeOnSignal(app: App): void {
  let closing = false;
  const close = async (signal: string) => {
    if (closing) process.exit(1);
    closing = true;
    app.log.info({ signal }, 'closing: requests in flight finish first');
    await app.close().catch((err) => {
      app.log.error({ err }, 'not everything closed');
      process.exitCode = 1;
    });
    process.exit();
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}
