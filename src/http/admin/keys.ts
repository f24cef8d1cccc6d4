import { CreatedKey, KeyList, KeyPath, NewKey } from '../../../schemas/admin.ts';
import { guarded } from '../../../schemas/problem.ts';
import { HamletError } from '../../errors.ts';
import type { Scope } from '../../keys/index.ts';
import type { Routes } from '../app-instance.ts';
import { allowedLevel } from '../auth.ts';
import type { HttpParts } from '../ports.ts';

export function keyRoutes(app: Routes, { keys }: HttpParts): void {
  const config = { access: 'admin' } as const;

  app.post(
    '/admin/keys',
    {
      config,
      schema: {
        operationId: 'createKey',
        tags: ['admin'],
        summary: 'Makes an API key. From the first one on, every call needs a key.',
        body: NewKey,
        response: { 201: CreatedKey, ...guarded(413, 415) },
      },
    },
    async (request, reply) => {
      const { name, scopes, maxLevel = 1 } = request.body;
      const wanted = [...new Set<Scope>(scopes)];
      // A key never makes one that sees more than itself.
      const { id, token } = await keys.create(name, wanted, allowedLevel(request, maxLevel));
      return reply.code(201).send({ id, name, scopes: wanted, maxLevel, token });
    },
  );

  app.get(
    '/admin/keys',
    {
      config,
      schema: {
        operationId: 'listKeys',
        tags: ['admin'],
        summary: 'Every key, without its token.',
        response: { 200: KeyList, ...guarded() },
      },
    },
    async () => ({
      keys: (await keys.list()).map(({ id, name, scopes, maxLevel, createdAt, revokedAt }) => ({
        id,
        name,
        scopes,
        maxLevel,
        createdAt: createdAt.toISOString(),
        revokedAt: revokedAt?.toISOString() ?? null,
      })),
    }),
  );

  app.delete(
    '/admin/keys/:id',
    {
      config,
      schema: {
        operationId: 'revokeKey',
        tags: ['admin'],
        summary: 'Ends a key; other replicas notice within seconds.',
        params: KeyPath,
        response: { 204: { type: 'null', description: 'Revoked.' }, ...guarded(404) },
      },
    },
    async (request, reply) => {
      if (!(await keys.revoke(request.params.id)))
        throw new HamletError('key-unknown', 404, 'There is no such key in force.');
      return reply.code(204).send(null);
    },
  );
}
