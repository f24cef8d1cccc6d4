import { type ItemKind, type ItemRef, KIND_NAME } from '../catalog/types.ts';
import { type Database, translateDatabaseError } from '../db/index.ts';
import { cursorExpired } from './cursor.ts';
import type { PipelineDescription } from './digest.ts';
import { listTime } from './list-id.ts';
import type { Degraded, RankedList } from './types.ts';

/** One position of a list: what a page needs to show it and say why. */
export type ListEntry = {
  item: ItemRef;
  score: number;
  sources: string[];
  because: ItemRef;
};
/** A list as its pages see it, fresh from the pipeline or read back from the impression log. */
export type StoredList = {
  id: string;
  userId: string;
  kind: ItemKind;
  maxLevel: number;
  variant: string;
  versions: Record<string, string>;
  degraded: Degraded[];
  entries: ListEntry[];
  /** Whether it went through the re-ranker, which then knows reasons. */
  reranked: boolean;
};

export const entriesOf = (list: RankedList): ListEntry[] =>
  list.items.map(({ item, score, sources, because }) => ({ item, score, sources, because }));

const QUERY = `
  select r.user_id, r.kind, r.max_level, r.variant, r.items, r.scores, r.sources, r.because, r.degraded, r.rerank, v.body
  from recommendations r join pipeline_versions v on v.digest = r.config_digest
  where r.id = $1 and r.created_at = $2`;
type Row = {
  user_id: string;
  kind: number;
  max_level: number;
  variant: string;
  items: number[];
  scores: number[];
  sources: number[];
  because: number[];
  degraded: Degraded[];
  rerank: object | null;
  body: PipelineDescription;
};

/** @throws HamletError `cursor-expired` (410) when the list was erased, `database-unavailable` (503) */
export async function readList(db: Database, id: string): Promise<StoredList> {
  const values = [id, new Date(listTime(id)).toISOString()];
  const { rows } = await db.pool
    .query<Row>({ name: 'stored-list', text: QUERY, values })
    .catch((error: unknown) => Promise.reject(translateDatabaseError(error)));
  const row = rows[0];
  if (row === undefined) throw cursorExpired();
  return {
    id,
    userId: row.user_id,
    kind: KIND_NAME[row.kind]!,
    maxLevel: row.max_level,
    variant: row.variant,
    versions: row.body.versions,
    degraded: row.degraded,
    reranked: row.rerank !== null,
    entries: row.items.map((item, i) => ({
      item,
      score: row.scores[i]!,
      sources: row.body.sources.filter((_, bit) => (row.sources[i]! >> bit) & 1),
      because: row.because[i]!,
    })),
  };
}
