import { PartStates } from '../../../schemas/admin.ts';
import { guarded } from '../../../schemas/problem.ts';
import type { Routes } from '../app-instance.ts';
import type { HttpParts } from '../ports.ts';

export function partRoutes(app: Routes, { sidecars, outbox }: HttpParts): void {
  app.get(
    '/admin/parts',
    {
      config: { access: 'admin' },
      schema: {
        ...{ operationId: 'getParts', tags: ['admin'] },
        summary: 'The sidecars as they answer now, and how far behind the catalogue each vector index is.',
        response: { 200: PartStates, ...guarded() },
      },
    },
    async () => {
      const [states, behind] = await Promise.all([sidecars.states(), outbox.lag()]);
      return { sidecars: states, outbox: behind };
    },
  );
}
