import { guarded } from '../../schemas/problem.ts';
import { Page, RecommendationsQuery, UserPath } from '../../schemas/recommendation.ts';
import { kindOf } from '../../schemas/words.ts';
import type { Routes } from './app-instance.ts';
import { allowedLevel } from './auth.ts';
import type { Metrics } from './metrics.ts';
import type { HttpParts } from './ports.ts';

export function recommendationRoutes(app: Routes, { recommender }: HttpParts, metrics: Metrics): void {
  app.get(
    '/users/:id/recommendations',
    {
      config: { access: 'serve' },
      schema: {
        operationId: 'getRecommendations',
        tags: ['recommend'],
        summary:
          'A list made for this person now, each item with its reason; or, with a cursor, its next page.',
        params: UserPath,
        querystring: RecommendationsQuery,
        response: { 200: Page, ...guarded(410) },
      },
    },
    async (request) => {
      const {
        kind = 'images',
        limit = 20,
        cursor,
        surface = 'default',
        exclude = [],
        tags = [],
      } = request.query;
      const { maxLevel, rerank, trace = false } = request.query;
      const page =
        cursor === undefined
          ? await recommender.recommend({
              userId: request.params.id,
              kind: kindOf(kind),
              limit,
              surface,
              maxLevel: allowedLevel(request, maxLevel ?? 1),
              exclude,
              tags,
              rerank,
              trace: trace ? 'whole' : 'stages',
            })
          : await recommender.nextPage({
              cursor,
              userId: request.params.id,
              limit,
              // The list itself was made for a level; a page may only narrow it further.
              maxLevel: allowedLevel(request, maxLevel ?? request.caller.maxLevel),
            });
      if (page.trace) metrics.traced(page.trace);
      if (!trace) page.trace = undefined;
      if (page.degraded.length > 0) {
        metrics.degraded(page.degraded);
        request.degraded = page.degraded;
      }
      return page;
    },
  );
}
