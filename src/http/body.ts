import type { FastifyInstance } from 'fastify';
import { badInput, HamletError } from '../errors.ts';
import { isCleanJson } from '../text/index.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route judges each element of the body by itself; no element may fail the rest. */
    judgesElements?: boolean;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * JSON bodies: UTF-8 or nothing, no `__proto__`, no NUL or lone surrogate in any text (neither
 * PostgreSQL nor UTF-8 can hold them).
 */
export function takeJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0 && request.method === 'DELETE') return done(null, undefined);
    const text = decode(body, request.headers['content-encoding']);
    parse(request, text, (error, value) => {
      if (error) return done(error, undefined);
      if (request.routeOptions.config.judgesElements !== true && !isCleanJson(value))
        return done(
          badInput('text-unclean', 'A text holds NUL or a lone surrogate, or the body is nested too deep.'),
          undefined,
        );
      done(null, value);
    });
  });
}

function decode(body: Buffer, encoding: string | undefined): string {
  refuseEncoding(encoding);
  try {
    return utf8.decode(body);
  } catch {
    throw badInput('malformed-utf8', 'The body is not UTF-8.');
  }
}

export function refuseEncoding(encoding: string | undefined): void {
  if (encoding !== undefined && encoding !== 'identity')
    throw new HamletError('unsupported-encoding', 415, 'Bodies are taken as they are, without encoding.');
}
