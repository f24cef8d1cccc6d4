import { type Catalog, levelFor } from '../catalog/index.ts';
import type { ItemKind } from '../catalog/types.ts';
import type { UserState } from '../events/types.ts';
import type { RecommendQuery } from './recommender.ts';
import type { ListRequest } from './types.ts';

/** What was asked, in numbers of the inside and at the level this person may be shown. */
export function listRequest(
  query: RecommendQuery,
  user: UserState,
  { columns }: Pick<Catalog, 'columns'>,
): ListRequest {
  const { userId, kind, limit, surface, tags, rerank } = query;
  const excluded = query.exclude.map((id) => columns.refOf(kind, id)).filter((item) => item !== undefined);
  const maxLevel = levelFor(query.maxLevel, user.preferences.maxLevel);
  return { userId, kind, limit, surface, tags, rerank, maxLevel, exclude: new Set(excluded) };
}

/** For what is not logged: nobody's list, shown nowhere. */
export const bareRequest = (
  query: { kind: ItemKind; limit: number; maxLevel: number; exclude?: string[]; tags?: string[] },
  user: UserState,
  catalog: Pick<Catalog, 'columns'>,
): ListRequest => listRequest({ exclude: [], tags: [], ...query, userId: '', surface: '' }, user, catalog);
