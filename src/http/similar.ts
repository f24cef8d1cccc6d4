import { ItemPath } from '../../schemas/item.ts';
import { guarded } from '../../schemas/problem.ts';
import { ItemList, SearchBody, SimilarQuery } from '../../schemas/recommendation.ts';
import { kindOf } from '../../schemas/words.ts';
import type { Routes } from './app-instance.ts';
import { allowedLevel } from './auth.ts';
import type { Metrics } from './metrics.ts';
import type { HttpParts } from './ports.ts';

export function similarRoutes(app: Routes, { recommender }: HttpParts, metrics: Metrics): void {
  app.get(
    '/items/:kind/:id/similar',
    {
      config: { access: 'serve' },
      schema: {
        operationId: 'getSimilarItems',
        tags: ['recommend'],
        summary: 'Items like this one, by who liked them and by what they show.',
        params: ItemPath,
        querystring: SimilarQuery,
        response: { 200: ItemList, ...guarded(404) },
      },
    },
    async (request) => {
      const { limit = 20, maxLevel = 1, exclude = [], tags = [], userId } = request.query;
      const list = await recommender.similar({
        kind: kindOf(request.params.kind),
        id: request.params.id,
        limit,
        maxLevel: allowedLevel(request, maxLevel),
        exclude,
        tags,
        userId,
      });
      metrics.degraded(list.degraded);
      return list;
    },
  );

  app.post(
    '/search',
    {
      config: { access: 'serve' },
      schema: {
        operationId: 'searchItems',
        tags: ['recommend'],
        summary: 'Items that fit a text.',
        body: SearchBody,
        response: { 200: ItemList, ...guarded(413, 415) },
      },
    },
    async (request) => {
      const { text, kind = 'images', limit = 20, maxLevel = 1 } = request.body;
      const { exclude = [], tags = [], userId } = request.body;
      const list = await recommender.search({
        text,
        kind: kindOf(kind),
        limit,
        maxLevel: allowedLevel(request, maxLevel),
        exclude,
        tags,
        userId,
      });
      metrics.degraded(list.degraded);
      return list;
    },
  );
}
