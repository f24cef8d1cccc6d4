import type { Schemas } from '@qdrant/js-client-rest';
import type { ItemRef } from '../../catalog/types.ts';
import type { VectorHit } from '../port.ts';

/** The client's types are what Qdrant promises; what came is looked at before it is believed. */

const isRef = (id: unknown): id is ItemRef => typeof id === 'number' && Number.isInteger(id) && id > 0;

/** The best `limit`: by score, ties by smaller id (Qdrant's own order of equal scores is by chance). */
export function hitsOf(points: Schemas['ScoredPoint'][], limit: number): VectorHit[] {
  const hits = points
    .map(({ id, score }) => ({ id, score }))
    .filter((hit): hit is VectorHit => isRef(hit.id) && Number.isFinite(hit.score));
  return hits.sort((a, b) => b.score - a.score || a.id - b.id).slice(0, limit);
}

/** The id and version of each point that has both. */
export function versionsOf(records: Schemas['Record'][]): { id: ItemRef; version: number }[] {
  return records.flatMap(({ id, payload }) => {
    const version = payload?.version;
    return isRef(id) && typeof version === 'number' ? [{ id, version }] : [];
  });
}

/** The vector of one space; undefined where the point has none there. */
export function vectorOf(record: Schemas['Record'], space: string): [ItemRef, Float32Array] | undefined {
  const vectors: unknown = record.vector;
  const vector: unknown =
    typeof vectors === 'object' && vectors !== null && space in vectors
      ? (vectors as Record<string, unknown>)[space]
      : undefined;
  if (!isRef(record.id) || !Array.isArray(vector)) return undefined;
  return [record.id, Float32Array.from(vector as number[])];
}
