import { OffPolicyAnswer, OffPolicyBody } from '../../../schemas/off-policy.ts';
import { guarded } from '../../../schemas/problem.ts';
import type { Routes } from '../app-instance.ts';
import type { HttpParts } from '../ports.ts';

const DAY_MS = 86_400_000;

export function offPolicyRoutes(app: Routes, { experiments }: HttpParts): void {
  app.post(
    '/admin/off-policy',
    {
      config: { access: 'admin' },
      schema: {
        ...{ operationId: 'judgeOffPolicy', tags: ['experiments'] },
        summary:
          'What another draw of the lists that were drawn would have been clicked: 422 where the log cannot tell.',
        body: OffPolicyBody,
        response: { 200: OffPolicyAnswer, ...guarded(409, 422) },
      },
    },
    (request) => {
      const { target, kind = 'image', variant = 'default', days = 28, limit = 500 } = request.body;
      const [from, until] = [Date.now() - days * DAY_MS, Date.now()].map((at) => new Date(at).toISOString());
      return experiments.offPolicy({ from: from!, until: until!, kind, variant, limit }, target);
    },
  );
}
