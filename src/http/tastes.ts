import { guarded } from '../../schemas/problem.ts';
import { UserPath } from '../../schemas/recommendation.ts';
import { Taste, TasteBody } from '../../schemas/taste.ts';
import type { Routes } from './app-instance.ts';
import type { HttpParts } from './ports.ts';

/** A person's taste in words: to be read, corrected, and given back to the machine. */
export function tasteRoutes(app: Routes, { tastes }: HttpParts): void {
  const config = { access: 'ingest' } as const;

  app.get(
    '/users/:id/taste',
    {
      config,
      schema: {
        operationId: 'getTaste',
        tags: ['people'],
        summary: 'What a person likes, in words, and the pictures that say so.',
        params: UserPath,
        response: { 200: Taste, ...guarded() },
      },
    },
    (request) => tastes.told(request.params.id, request.caller.maxLevel),
  );

  app.put(
    '/users/:id/taste',
    {
      config,
      schema: {
        operationId: 'putTaste',
        tags: ['people'],
        summary: 'A person’s own words: they win over the machine’s, stay, and hold from the next list on.',
        params: UserPath,
        body: TasteBody,
        response: { 200: Taste, ...guarded(413, 415) },
      },
    },
    async (request) => {
      await tastes.state(request.params.id, request.body.preferences);
      return tastes.told(request.params.id, request.caller.maxLevel);
    },
  );

  app.delete(
    '/users/:id/taste',
    {
      config,
      schema: {
        operationId: 'deleteTaste',
        tags: ['people'],
        summary: 'Takes the correction back: the machine’s words hold again.',
        params: UserPath,
        response: { 200: Taste, ...guarded() },
      },
    },
    async (request) => {
      await tastes.state(request.params.id, null);
      return tastes.told(request.params.id, request.caller.maxLevel);
    },
  );
}
