import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { problems } from '../../schemas/problem.ts';
import { Strict } from '../../schemas/words.ts';
import { HamletError } from '../errors.ts';
import type { Routes } from './app-instance.ts';
import type { HttpParts } from './ports.ts';

const PATH = Type.Object({ name: Type.String({ minLength: 1, maxLength: 128 }) }, Strict);

/** Pictures of the demo world. */
export function pictureRoutes(app: Routes, { pictures }: HttpParts): void {
  app.get(
    '/pictures/:name',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getPicture',
        tags: ['operation'],
        summary: 'A picture of the demo world.',
        security: [],
        params: PATH,
        response: {
          200: {
            description: 'WebP.',
            content: { 'image/webp': { schema: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }) } },
          },
          304: { type: 'null', description: 'The caller has it.' },
          ...problems(400, 404, 503),
        },
      },
    },
    async (request, reply) => {
      const picture = await pictures.webp(request.params.name.replace(/\.webp$/u, ''));
      if (picture === null) throw new HamletError('picture-unknown', 404, 'There is no such picture.');
      const etag = `"${createHash('sha256').update(picture).digest('hex').slice(0, 32)}"`;
      reply.header('etag', etag).header('cache-control', 'public, max-age=3600');
      if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send(null);
      return reply.type('image/webp').send(picture);
    },
  );
}
