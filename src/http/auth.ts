import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HamletError } from '../errors.ts';
import type { Keys, Scope } from '../keys/index.ts';
import { type Guesses, openGuesses } from './guesses.ts';
import { isThisMachine } from './this-machine.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call: a key with this scope, any key, or everyone. Nothing said = nobody. */
    access?: Scope | 'any-key' | 'public';
  }
  interface FastifyRequest {
    caller: Caller;
  }
}

/** Who asks. `key` is the id of an API key, or `loopback` while no key was ever made. */
export type Caller = { key: string; scopes: readonly Scope[]; maxLevel: number };

const LOOPBACK: Caller = { key: 'loopback', scopes: ['serve', 'ingest', 'report', 'admin'], maxLevel: 16 };
const NOBODY: Caller = { key: 'nobody', scopes: [], maxLevel: 0 };

export function authenticate(app: FastifyInstance, keys: Pick<Keys, 'verify' | 'any'>): void {
  const guesses = openGuesses();
  app.decorateRequest('caller');
  app.addHook('onRequest', (request, _reply, done) => {
    const access = request.routeOptions.config.access;
    if (access === 'public' || request.is404) {
      request.caller = NOBODY;
      return done();
    }
    identify(request, keys, guesses).then((caller) => {
      request.caller = caller;
      const refused =
        access === undefined || (access !== 'any-key' && !caller.scopes.includes(access))
          ? new HamletError('scope-missing', 403, `The key lacks the scope ${access ?? 'of this route'}.`)
          : undefined;
      done(refused);
    }, done);
  });
}

async function identify(
  request: FastifyRequest,
  keys: Pick<Keys, 'verify' | 'any'>,
  guesses: Guesses,
): Promise<Caller> {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const token = /^Bearer ([\x21-\x7e]{1,512})$/iu.exec(header)?.[1];
    guesses.refuse(request.ip, token);
    const key = token === undefined ? null : await keys.verify(token);
    guesses.note(request.ip, token, key !== null);
    if (key === null) throw new HamletError('key-invalid', 401, 'The key is unknown or was revoked.');
    return { key: key.id, scopes: key.scopes, maxLevel: key.maxLevel };
  }
  if (await keys.any()) throw new HamletError('key-missing', 401, 'Send Authorization: Bearer and a key.');
  if (!isThisMachine(request))
    throw new HamletError('loopback-only', 403, 'Without an API key only this machine itself may ask.');
  return LOOPBACK;
}

/** @throws HamletError `level-forbidden` (403) when the request asks for more than its key may see. */
export function allowedLevel(request: FastifyRequest, asked: number): number {
  if (asked > request.caller.maxLevel)
    throw new HamletError(
      'level-forbidden',
      403,
      `The key sees browsing levels up to ${request.caller.maxLevel}.`,
      { pointer: '/maxLevel' },
    );
  return asked;
}
