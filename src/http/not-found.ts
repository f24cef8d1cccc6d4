import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Console } from '../console/index.ts';
import { sendPage } from './console.ts';
import { problem, sendProblem } from './problem.ts';

/**
 * 404, or 405 with `Allow` where another method would have been answered. Whoever typed the URL into a browser gets
 * the console, which says so in words. Call before the routes are added.
 */
export function answerUnknown(app: FastifyInstance, pages: Console): Unknown {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = methods.get(url) ?? new Set();
    for (const one of [method].flat()) known.add(one);
    methods.set(url, known);
  });
  const unknown: Unknown = (request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const allowed = [...methods]
      .filter(([url]) => patternOf(url).test(path))
      .flatMap(([, known]) => [...known]);
    if (allowed.length === 0 && wantsPage(request)) return sendPage(reply.code(404), pages);
    if (allowed.length === 0)
      return sendProblem(reply, problem(404, 'route-unknown', 'There is no such route.', request.id));
    reply.header('allow', [...new Set(allowed)].sort().join(', '));
    return sendProblem(
      reply,
      problem(405, 'method-not-allowed', `${request.method} is not answered here.`, request.id),
    );
  };
  app.setNotFoundHandler(unknown);
  return unknown;
}

/** Browsers name HTML when they open an address; programs name JSON, or take anything. */
const wantsPage = ({ method, headers }: FastifyRequest) =>
  method === 'GET' && /\btext\/html\b/u.test(headers.accept ?? '');

export type Unknown = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** `/items/:kind/:id` → one segment each; `*` → the rest. */
const patternOf = (url: string) =>
  new RegExp(
    `^${url
      .replace(/[.+?^${}()|[\]\\]/gu, '\\$&')
      .replace(/:[^/]+/gu, '[^/]+')
      .replace(/\*/gu, '.*')}$`,
    'u',
  );
