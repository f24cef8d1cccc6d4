import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import sharp from 'sharp';
import { Type } from 'typebox';
import { problems } from '../../schemas/problem.ts';
import { Strict } from '../../schemas/words.ts';
import { HamletError } from '../errors.ts';
import type { Routes } from './app-instance.ts';
import type { HttpParts } from './ports.ts';

const PATH = Type.Object({ name: Type.String({ minLength: 1, maxLength: 128 }) }, Strict);

/** Pictures of the seed world, rendered when first asked for and kept as WebP. */
export function pictureRoutes(app: Routes, { config, renderPicture }: HttpParts): void {
  const folder = join(config.HAMLET_HOME, 'pictures');
  const pictures = new LRUCache<string, Promise<Buffer>>({ max: 256 });

  app.get(
    '/pictures/:name',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getPicture',
        tags: ['operation'],
        summary: 'A picture of the seed world.',
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
      const svg = renderPicture(request.params.name.replace(/\.webp$/u, ''));
      if (svg === null) throw new HamletError('picture-unknown', 404, 'There is no such picture.');
      const digest = createHash('sha256').update(svg).digest('hex').slice(0, 32);
      const etag = `"${digest}"`;
      reply.header('etag', etag).header('cache-control', 'public, max-age=3600');
      if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send(null);
      let picture = pictures.get(digest);
      if (picture === undefined) {
        picture = storedOrRendered(folder, digest, svg);
        pictures.set(digest, picture);
        picture.catch(() => pictures.delete(digest));
      }
      return reply.type('image/webp').send(await picture);
    },
  );
}

/** Named by the digest of its SVG, so a changed drawing is another file. */
async function storedOrRendered(folder: string, digest: string, svg: string): Promise<Buffer> {
  const file = join(folder, `${digest}.webp`);
  const stored = await readFile(file).catch(() => null);
  if (stored !== null) return stored;
  const picture = await sharp(Buffer.from(svg)).webp({ quality: 82 }).toBuffer();
  const unfinished = `${file}.${process.pid}`;
  await mkdir(folder, { recursive: true });
  await writeFile(unfinished, picture);
  await rename(unfinished, file);
  return picture;
}
