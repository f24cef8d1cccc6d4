import { LRUCache } from 'lru-cache';
import type { ItemKind, ItemRef } from '../catalog/types.ts';
import type { VectorHit, VectorReader } from '../vectors/port.ts';
import type { ContentVectors } from './content.ts';

/**
 * Nearest items by content of each given item (which is in memory), best first. What is remembered
 * is a fact about items, never a user's answer, and for a minute only: the index moves on.
 */
export type ContentNeighbours = (
  kind: ItemKind,
  items: ItemRef[],
  maxLevel: number,
) => VectorHit[][] | Promise<VectorHit[][]>;

const REMEMBERED = 20_000;
const REMEMBERED_MS = 60_000;

export function contentNeighbours(
  vectors: VectorReader,
  content: ContentVectors,
  space: string,
  limit: number,
): ContentNeighbours {
  const known = new LRUCache<string, VectorHit[]>({
    max: REMEMBERED,
    ttl: REMEMBERED_MS,
    ttlResolution: 1000,
  });

  async function search(kind: ItemKind, items: ItemRef[], maxLevel: number): Promise<VectorHit[][]> {
    const queries = items.map((item) => ({
      space,
      vector: content.vectorOf(item),
      limit: limit + 1,
      filter: { maxLevel },
    }));
    const answers = await vectors.search(kind, queries);
    return answers.map((hits, i) => {
      const others = hits.filter((hit) => hit.id !== items[i]).slice(0, limit);
      known.set(`${items[i]} ${maxLevel}`, others);
      return others;
    });
  }

  return (kind, items, maxLevel) => {
    const found = items.map((item) => known.get(`${item} ${maxLevel}`));
    const missing = items.filter((_, i) => found[i] === undefined);
    if (missing.length === 0) return found as VectorHit[][];
    return search(kind, missing, maxLevel).then((answers) => {
      let next = 0;
      return found.map((hits) => hits ?? answers[next++]!);
    });
  };
}
