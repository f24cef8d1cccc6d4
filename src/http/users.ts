import { guarded } from '../../schemas/problem.ts';
import { UserPath } from '../../schemas/recommendation.ts';
import { ErasureReceipt, Preferences, User, UserBody } from '../../schemas/user.ts';
import { HamletError } from '../errors.ts';
import type { Routes } from './app-instance.ts';
import type { HttpParts } from './ports.ts';

export function userRoutes(app: Routes, { events }: HttpParts): void {
  const config = { access: 'ingest' } as const;

  app.get(
    '/users/:id',
    {
      config,
      schema: {
        operationId: 'getUser',
        tags: ['people'],
        summary: 'What is held of a person, counted.',
        params: UserPath,
        response: { 200: User, ...guarded(404) },
      },
    },
    async (request) => {
      const user = await events.getUser(request.params.id);
      if (user === null) throw new HamletError('user-unknown', 404, 'Nothing is held of this person.');
      return user;
    },
  );

  app.put(
    '/users/:id',
    {
      config,
      schema: {
        operationId: 'putUser',
        tags: ['people'],
        summary: 'Creates a person or changes what is given of them.',
        params: UserPath,
        body: UserBody,
        response: { 200: User, 201: User, ...guarded(413, 415) },
      },
    },
    async (request, reply) => {
      const { status } = await events.putUser(request.params.id, request.body);
      const user = await events.getUser(request.params.id);
      if (user === null) throw new HamletError('user-unknown', 404, 'The person was erased meanwhile.');
      return reply.code(status === 'created' ? 201 : 200).send(user);
    },
  );

  app.delete(
    '/users/:id',
    {
      config,
      schema: {
        operationId: 'eraseUser',
        tags: ['people'],
        summary: 'Erases a person’s events, state and lists, and answers with the receipt.',
        params: UserPath,
        response: { 200: ErasureReceipt, ...guarded() },
      },
    },
    (request) => events.eraseUser(request.params.id),
  );

  app.put(
    '/users/:id/preferences',
    {
      config,
      schema: {
        operationId: 'putPreferences',
        tags: ['people'],
        summary: 'Replaces a person’s preferences; the next list obeys them.',
        params: UserPath,
        body: Preferences,
        response: { 200: Preferences, ...guarded(413, 415) },
      },
    },
    async (request) => {
      await events.putPreferences(request.params.id, request.body);
      return request.body;
    },
  );
}
