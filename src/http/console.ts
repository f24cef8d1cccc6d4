import type { FastifyReply } from 'fastify';
import type { Console } from '../console/index.ts';
import { HamletError } from '../errors.ts';
import type { Routes } from './app-instance.ts';

/** Every view has its own URL and is the same page, which then shows what its URL says. */
const VIEWS = [
  '/',
  '/people/*',
  '/experiments',
  '/experiments/*',
  '/evaluations',
  '/studio',
  '/studio/*',
  '/models',
  '/safety',
  '/safety/*',
];

/** The one page, with what it may load. */
export const sendPage = (reply: FastifyReply, { policy, page }: Console) =>
  reply
    .header('content-security-policy', policy)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'no-cache')
    .type('text/html; charset=utf-8')
    .send(page);

export function consoleRoutes(app: Routes, files: Console): void {
  // From memory, and whoever looks at an overloaded service looks here.
  const config = { access: 'public', always: true } as const;

  for (const view of VIEWS) app.get(view, { config }, (_request, reply) => sendPage(reply, files));

  app.get<{ Params: { '*': string } }>('/console/*', { config }, (request, reply) => {
    const file = files.file(request.params['*']);
    if (file === undefined) throw new HamletError('route-unknown', 404, 'There is no such file.');
    const { body, gzipped, type, etag } = file;
    reply
      .header('etag', etag)
      .header('cache-control', 'no-cache')
      .header('vary', 'accept-encoding')
      .header('x-content-type-options', 'nosniff');
    if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send(null);
    reply.type(type);
    return /\bgzip\b/u.test(request.headers['accept-encoding'] ?? '')
      ? reply.header('content-encoding', 'gzip').send(gzipped)
      : reply.send(body);
  });
}
