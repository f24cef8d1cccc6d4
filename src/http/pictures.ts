import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { problems } from '../../schemas/problem.ts';
import { Strict, words } from '../../schemas/words.ts';
import { HamletError } from '../errors.ts';
import type { Routes } from './app-instance.ts';
import type { HttpParts } from './ports.ts';

const SIZE = Type.Object(
  { size: Type.Optional(words(['256', '512'], { default: '512', description: 'Pixels a side.' })) },
  Strict,
);
const PATH = Type.Object({ name: Type.String({ minLength: 1, maxLength: 128 }) }, Strict);

/** Pictures of the demo world, and what its models made. */
export function pictureRoutes(app: Routes, { pictures }: HttpParts): void {
  const webp = (summary: string, operationId: string) => ({
    config: { access: 'public' as const },
    schema: {
      ...{ operationId, tags: ['operation'], summary, security: [], params: PATH },
      response: {
        200: {
          description: 'WebP.',
          content: { 'image/webp': { schema: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }) } },
        },
        304: { type: 'null', description: 'The caller has it.' } as const,
        ...problems(400, 404, 503),
      },
    },
  });

  const sized = webp('A picture of the demo world.', 'getPicture');
  app.get(
    '/pictures/:name',
    { ...sized, schema: { ...sized.schema, querystring: SIZE } },
    async (request, reply) => {
      const size = request.query.size === '256' ? 256 : 512;
      return send(request, reply, await pictures.webp(nameOf(request.params), size));
    },
  );
  app.get(
    '/showcases/:name',
    webp('A picture that a model of the demo world made.', 'getShowcase'),
    async (request, reply) => send(request, reply, await pictures.showcase(nameOf(request.params))),
  );
}

const nameOf = ({ name }: { name: string }) => name.replace(/\.webp$/u, '');

function send(request: FastifyRequest, reply: FastifyReply, picture: Buffer | null) {
  if (picture === null) throw new HamletError('picture-unknown', 404, 'There is no such picture.');
  const etag = `"${createHash('sha256').update(picture).digest('hex').slice(0, 32)}"`;
  reply.header('etag', etag).header('cache-control', 'public, max-age=3600');
  if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send(null);
  return reply.type('image/webp').send(picture);
}
