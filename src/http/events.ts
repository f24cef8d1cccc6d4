import { EventBatch, EventBatchEnvelope, EventResults } from '../../schemas/event.ts';
import { guarded } from '../../schemas/problem.ts';
import type { Routes } from './app-instance.ts';
import type { Metrics } from './metrics.ts';
import type { HttpParts } from './ports.ts';

const BODY_LIMIT = 2 * 1024 * 1024;

export function eventRoutes(app: Routes, { events }: HttpParts, metrics: Metrics): void {
  app.post(
    '/events',
    {
      bodyLimit: BODY_LIMIT,
      config: { access: 'ingest', judgesElements: true, documentedBody: EventBatch },
      schema: {
        operationId: 'postEvents',
        tags: ['ingest'],
        summary: 'What people did. Accepted events are on disk when the answer comes, and in the next list.',
        body: EventBatchEnvelope,
        response: { 200: EventResults, ...guarded(413, 415) },
      },
    },
    async (request) => {
      const results = await events.ingest(request.body.events);
      metrics.events(results);
      return { results };
    },
  );
}
