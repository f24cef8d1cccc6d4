import { guarded } from '../../schemas/problem.ts';
import { UserPath } from '../../schemas/recommendation.ts';
import { History, HistoryQuery, UserList, UsersQuery } from '../../schemas/user.ts';
import type { Routes } from './app-instance.ts';
import type { HttpParts } from './ports.ts';

/** Who is known, and what they did. */
export function historyRoutes(app: Routes, { events }: HttpParts): void {
  const config = { access: 'ingest' } as const;
  const tags = ['people'];

  app.get(
    '/users',
    {
      config,
      schema: {
        ...{ operationId: 'listUsers', tags },
        summary: 'People in the order of their ids, from a text on that ids may begin with.',
        querystring: UsersQuery,
        response: { 200: UserList, ...guarded() },
      },
    },
    async ({ query: { from = '', limit = 20 } }) => ({ users: await events.listUsers(from, limit) }),
  );

  app.get(
    '/users/:id/history',
    {
      config,
      schema: {
        ...{ operationId: 'getHistory', tags },
        summary: 'What a person did, the latest first; empty for somebody nobody knows.',
        params: UserPath,
        querystring: HistoryQuery,
        response: { 200: History, ...guarded() },
      },
    },
    async ({ params, query: { before, limit = 50 }, caller }) => {
      const page = { maxLevel: caller.maxLevel, limit: limit + 1, ...(before !== undefined && { before }) };
      const found = await events.history(params.id, page);
      const told = found.slice(0, limit);
      return { events: told, next: found.length > limit ? told.at(-1)!.seq : null };
    },
  );
}
