import { ItemPath } from '../../../schemas/item.ts';
import {
  ModerationBody,
  ModerationCase,
  ModerationQuery,
  ModerationQueue,
} from '../../../schemas/moderation.ts';
import { guarded } from '../../../schemas/problem.ts';
import { kindOf } from '../../../schemas/words.ts';
import type { Routes } from '../app-instance.ts';
import { fileAnswer } from '../file-answer.ts';
import type { HttpParts } from '../ports.ts';

export function moderationRoutes(app: Routes, { moderation }: HttpParts): void {
  const config = { access: 'admin' } as const;
  const tags = ['moderation'];

  app.get(
    '/admin/moderation',
    {
      config,
      schema: {
        ...{ operationId: 'listModeration', tags },
        summary: 'Items that wait for a person, the longest first, with what speaks for and against them.',
        querystring: ModerationQuery,
        response: { 200: ModerationQueue, ...guarded() },
      },
    },
    async ({ query: { state, limit = 50, after } }) =>
      (await moderation.queue({ limit, ...(state && { state }), ...(after && { after }) })) as never,
  );

  app.get(
    '/admin/moderation/:kind/:id',
    {
      config,
      schema: {
        ...{ operationId: 'getModeration', tags, summary: 'An item with every decision made of it.' },
        params: ItemPath,
        response: { 200: ModerationCase, ...guarded(404) },
      },
    },
    async ({ params }) => (await moderation.look(kindOf(params.kind), params.id)) as never,
  );

  app.get(
    '/admin/moderation/:kind/:id/picture',
    {
      config,
      schema: {
        ...{ operationId: 'getModeratedPicture', tags },
        summary: 'What an item shows, also one that nobody else may see; decoded here, never a link to it.',
        params: ItemPath,
        response: {
          200: fileAnswer<Buffer>('image/jpeg', 'JPEG.'),
          ...guarded(404, 503),
        },
      },
    },
    async ({ params }, reply) =>
      reply
        .header('cache-control', 'no-store')
        .type('image/jpeg')
        .send(await moderation.picture(kindOf(params.kind), params.id)),
  );

  app.put(
    '/admin/moderation/:kind/:id',
    {
      config,
      schema: {
        ...{ operationId: 'decideModeration', tags },
        summary: 'Decides on an item. It acts on the next request; of two at once the second is a conflict.',
        params: ItemPath,
        body: ModerationBody,
        response: { 200: ModerationCase, ...guarded(404, 409) },
      },
    },
    async ({ params, body: { level, review, note = '', moderator = '' }, caller }) =>
      (await moderation.decide(
        kindOf(params.kind),
        params.id,
        { level, review, note, moderator },
        caller.key,
      )) as never,
  );
}
