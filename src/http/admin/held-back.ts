import { HeldBack, HeldBackQuery } from '../../../schemas/admin.ts';
import { guarded } from '../../../schemas/problem.ts';
import type { Routes } from '../app-instance.ts';
import type { HttpParts } from '../ports.ts';

export function heldBackRoutes(app: Routes, { catalog }: HttpParts): void {
  app.get(
    '/admin/held-back',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listHeldBack',
        tags: ['admin'],
        summary: 'Items nobody is shown because something about their safety is unknown.',
        querystring: HeldBackQuery,
        response: { 200: HeldBack, ...guarded() },
      },
    },
    async (request) => {
      const { limit = 100, after } = request.query;
      const items = await catalog.heldBack(limit, after);
      const last = items.at(-1);
      return { items, next: items.length === limit && last ? `${last.kind}:${last.id}` : null };
    },
  );
}
