import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import { HamletError, unavailable } from '../errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered also when everything else is refused: health, metrics, the console’s own files. */
    always?: boolean;
  }
}

/** Headroom for the answers of requests that are already being served. */
const BYTES_PER_MB = 1024 * 1024;

/** Refuses requests while there is still room to refuse them in. */
export async function shedLoad(app: FastifyInstance, config: Config, inFlight: () => number): Promise<void> {
  app.addHook('onRequest', (request, _reply, done) => {
    if (inFlight() > config.MAX_IN_FLIGHT && !request.routeOptions.config.always) return done(overloaded());
    done();
  });
  await app.register(underPressure, {
    maxEventLoopDelay: config.MAX_LOOP_DELAY_MS,
    maxRssBytes: config.MAX_RSS_MB * BYTES_PER_MB,
    sampleInterval: 500,
    pressureHandler: (request: FastifyRequest) => {
      if (!request.routeOptions.config.always) throw overloaded();
    },
  });
}

const overloaded = () => unavailable('overloaded', 'More is asked than can be served now.', 1);

/** A budget of requests a minute and key, with the RateLimit header fields. 0 = none. */
export async function limitRate(app: FastifyInstance, perMinute: number): Promise<void> {
  if (perMinute === 0) return;
  await app.register(rateLimit, {
    max: perMinute,
    timeWindow: 60_000,
    cache: 10_000,
    enableDraftSpec: true,
    keyGenerator: (request) => request.caller.key,
    allowList: (request) => request.routeOptions.config.access === 'public' || request.is404,
    errorResponseBuilder: (_request, { ttl }) =>
      new HamletError('rate-limited', 429, 'The key’s requests for this minute are used up.', {
        retryAfter: Math.ceil(ttl / 1000),
      }),
  });
}
