import { EvaluationList } from '../../../schemas/admin.ts';
import { guarded } from '../../../schemas/problem.ts';
import type { Routes } from '../app-instance.ts';
import type { HttpParts } from '../ports.ts';

export function evaluationRoutes(app: Routes, { evaluations }: HttpParts): void {
  app.get(
    '/admin/evaluations',
    {
      config: { access: 'admin' },
      schema: {
        ...{ operationId: 'listEvaluations', tags: ['admin'] },
        summary: 'Offline evaluations that were run here, newest first, and the one that is published.',
        response: { 200: EvaluationList, ...guarded() },
      },
    },
    async () => ({ evaluations: await evaluations() }),
  );
}
