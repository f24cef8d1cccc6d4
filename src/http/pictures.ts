import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ItemPath } from '../../schemas/item.ts';
import { problems } from '../../schemas/problem.ts';
import { kindOf, Strict, words } from '../../schemas/words.ts';
import { HamletError } from '../errors.ts';
import type { Routes } from './app-instance.ts';
import { fileAnswer } from './file-answer.ts';
import type { HttpParts } from './ports.ts';

const SIZE = Type.Object(
  { size: Type.Optional(words(['256', '512'], { default: '512', description: 'Pixels a side.' })) },
  Strict,
);
const PATH = Type.Object({ name: Type.String({ minLength: 1, maxLength: 128 }) }, Strict);

const IMPORTED_PATH = Type.Object(
  { ...ItemPath.properties, name: Type.String({ pattern: '^[0-9a-f]{40}\\.(?:png|jpeg|webp|gif|avif)$' }) },
  Strict,
);

/** Pictures of the demo world, what its models made, and such as were imported. */
export function pictureRoutes(app: Routes, { pictures }: HttpParts): void {
  const webp = (summary: string, operationId: string) => ({
    config: { access: 'public' as const },
    schema: {
      ...{ operationId, tags: ['operation'], summary, security: [], params: PATH },
      response: {
        200: fileAnswer<Buffer>('image/*', 'The picture: WebP, or what was imported.'),
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
  const imported = webp('A picture that was imported from a folder.', 'getImportedPicture');
  app.get(
    '/imported/:kind/:id/:name',
    { ...imported, schema: { ...imported.schema, params: IMPORTED_PATH } },
    async (request, reply) => {
      const { kind, id, name } = request.params;
      const picture = await pictures.imported(kindOf(kind), id, name);
      // As it came: whatever else it may be to a program that guesses, here it is a picture.
      reply.header('x-content-type-options', 'nosniff').header('content-security-policy', 'sandbox');
      return send(request, reply, picture, `image/${name.slice(name.lastIndexOf('.') + 1)}`);
    },
  );
}

const nameOf = ({ name }: { name: string }) => name.replace(/\.webp$/u, '');

function send(request: FastifyRequest, reply: FastifyReply, picture: Buffer | null, type = 'image/webp') {
  if (picture === null) throw new HamletError('picture-unknown', 404, 'There is no such picture.');
  const etag = `"${createHash('sha256').update(picture).digest('hex').slice(0, 32)}"`;
  // Asked for again each time: what a moderator blocks is not to be shown out of a cache.
  reply.header('etag', etag).header('cache-control', 'no-cache');
  if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send(null);
  return reply.type(type).send(picture);
}
