import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problem, sendProblem } from './problem.ts';

/** 404, or 405 with `Allow` where another method would have been answered. Call before the routes are added. */
export function answerUnknown(app: FastifyInstance): Unknown {
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
