import { Embeddings, EmbeddingsQuery } from '../../../schemas/admin.ts';
import { guarded } from '../../../schemas/problem.ts';
import type { Routes } from '../app-instance.ts';
import type { HttpParts } from '../ports.ts';

export function embeddingRoutes(app: Routes, { embeddings }: HttpParts): void {
  app.get(
    '/admin/embeddings',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'getEmbeddings',
        tags: ['admin'],
        summary: 'How many items have a content vector, and which pictures could not be read and why.',
        querystring: EmbeddingsQuery,
        response: { 200: Embeddings, ...guarded() },
      },
    },
    async (request) => {
      const [report, latest] = await Promise.all([
        embeddings.report(),
        embeddings.failures(request.query.limit ?? 100),
      ]);
      return { ...report, latest };
    },
  );
}
