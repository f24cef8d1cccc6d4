import type { Schemas } from '@qdrant/js-client-rest';
import { levelsUpTo } from '../levels.ts';
import type { VectorFilter } from '../port.ts';

/** The payload of a point; a tombstone has its version alone. All four are indexed. */
export type StoredPayload = { version: number; level: number; creator: number; tags: string[] };

export const PAYLOAD_INDEXES: Record<keyof StoredPayload, Schemas['PayloadSchemaParams']> = {
  version: { type: 'integer', lookup: false, range: true },
  level: { type: 'integer', lookup: true, range: true },
  creator: { type: 'integer', lookup: true, range: false },
  tags: { type: 'keyword' },
};

/** Every point but tombstones. */
export const ALIVE: Schemas['Filter'] = { must: [{ key: 'level', range: { gte: 0 } }] };

/** Lets a write of this version through to points that are older. */
export const olderThan = (version: number): Schemas['Filter'] => ({
  must: [{ key: 'version', range: { lt: version } }],
});

/** Tombstones need no condition: they have no vectors to be found by. */
export function qdrantFilter(filter: VectorFilter = {}): Schemas['Filter'] | undefined {
  const { maxLevel, tags, notCreators, notIds } = filter;
  const must: Schemas['Condition'][] = [];
  const mustNot: Schemas['Condition'][] = [];
  if (maxLevel !== undefined) must.push({ key: 'level', match: { any: levelsUpTo(maxLevel) } });
  if (tags?.length) must.push({ key: 'tags', match: { any: tags } });
  if (notCreators?.length) mustNot.push({ key: 'creator', match: { any: notCreators } });
  const ids = notIds === undefined ? [] : [...notIds];
  if (ids.length > 0) mustNot.push({ has_id: ids });
  if (must.length + mustNot.length === 0) return undefined;
  return { ...(must.length > 0 && { must }), ...(mustNot.length > 0 && { must_not: mustNot }) };
}
