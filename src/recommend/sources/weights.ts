import { KIND_CODE } from '../../catalog/types.ts';
import type { ContentVectors } from '../content.ts';
import type { ContentNeighbours } from '../neighbours.ts';
import type { Source } from '../types.ts';
import { tasteSource } from './taste.ts';

/**
 * LoRAs near those that a person took, by where they lie in the space of their weights (src/w2w). Says nothing
 * where no space is in force: then no model has a vector there.
 */
export function weightsSource(options: {
  deadline: number;
  pool: number;
  content: ContentVectors;
  neighbours: ContentNeighbours;
}): Source {
  const source = tasteSource({ ...options, name: 'weights' });
  return {
    ...source,
    find(context) {
      const { request, user, columns } = context;
      if (request.kind !== 'model') return [];
      const recent = user.recent.filter(({ item }) => columns.kind[item] === KIND_CODE.model);
      return source.find({ ...context, user: { ...user, recent } });
    },
  };
}
