import { ItemPath } from '../../schemas/item.ts';
import { ReportAnswer, ReportBody } from '../../schemas/moderation.ts';
import { guarded } from '../../schemas/problem.ts';
import { kindOf } from '../../schemas/words.ts';
import type { Routes } from './app-instance.ts';
import type { HttpParts } from './ports.ts';

export function reportRoutes(app: Routes, { moderation }: HttpParts): void {
  app.post(
    '/items/:kind/:id/reports',
    {
      config: { access: 'report' },
      schema: {
        ...{ operationId: 'reportItem', tags: ['moderation'] },
        summary: 'A person reports an item. Enough of them hold it until a moderator has looked.',
        params: ItemPath,
        body: ReportBody,
        response: { 202: ReportAnswer, ...guarded(404) },
      },
    },
    async ({ params, body: { userId, reason, note = '' } }, reply) =>
      reply.code(202).send(await moderation.report(kindOf(params.kind), params.id, { userId, reason, note })),
  );
}
