import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { badInput } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Degraded } from '../recommend/types.ts';
import type { Metrics } from './metrics.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The stages a list went out without, if any. */
    degraded?: readonly Degraded[];
  }
}

const SANE_ID = /^[A-Za-z0-9._:-]{1,128}$/u;

/** The caller's own request id when it can safely be logged and sent back, else a new one. */
export function requestIdOf(request: IncomingMessage | { headers: IncomingMessage['headers'] }): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && SANE_ID.test(given) ? given : randomUUID();
}

export type InFlight = { now: number };

/** Counts what is being served, names it, and logs and measures its end: an answer or a caller that left. */
export function watchRequests(app: FastifyInstance, inFlight: InFlight, metrics: Metrics, log: Log): void {
  app.decorateRequest('degraded');
  app.addHook('onRequest', (request, reply, done) => {
    inFlight.now++;
    // Fastify's own `reply.elapsedTime` is 0 without its logger or an onResponse hook.
    const started = performance.now();
    reply.raw.once('close', () => {
      inFlight.now--;
      const ms = performance.now() - started;
      metrics.answered(request, reply, ms);
      // What failed is told by the error handler.
      log[request.degraded ? 'info' : 'debug'](
        {
          requestId: request.id,
          method: request.method,
          // Never the query: it may carry what a person searched for or a cursor.
          route: request.routeOptions.url,
          status: reply.statusCode,
          ms: Math.round(ms * 100) / 100,
          key: request.caller?.key,
          degraded: request.degraded,
          whole: reply.raw.writableFinished,
        },
        'request',
      );
    });
    reply.header('x-request-id', request.id);
    done(unreadableUrl(request.raw.url ?? ''));
  });
}

/** The router decodes a broken `%` leniently in queries; here it is refused, and NUL with it. */
function unreadableUrl(url: string): Error | undefined {
  if (!url.includes('%')) return undefined;
  try {
    if (!decodeURIComponent(url).includes('\0')) return undefined;
  } catch {}
  return badInput('malformed-url', 'The URL is not percent-encoded UTF-8 without NUL.');
}
