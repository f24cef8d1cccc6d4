import type { FastifyBaseLogger } from 'fastify';

/** What a part may say; pino in the api and the commands, silence in most tests. */
export type Log = Pick<FastifyBaseLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error'>;

const nothing = () => {};
export const silentLog: Log = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};
