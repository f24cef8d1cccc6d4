import type { ItemKind, ItemRef } from '../catalog/types.ts';

/** Conditions on a point's payload. Both backends understand exactly these; all are ANDed. */
export type VectorFilter = {
  /** Keep points whose effective level is known and ≤ this (1, 2, 4, 8, 16). */
  maxLevel?: number;
  /** Keep points that carry at least one of these tags. */
  tags?: string[];
  /** Drop points by these creators. */
  notCreators?: number[];
  /** Drop these points (seen, hidden…). */
  notIds?: Iterable<ItemRef>;
};

export type PointPayload = {
  /** Effective browsing level from `src/safety`; 0 = held back, 32 = blocked. */
  level: number;
  creator: number;
  tags: string[];
};

/** One item's vectors, by space name (`text`, `clip`, later `tower`, `sequence`); unit length, float32. */
export type Point = {
  id: ItemRef;
  /** `items.version`: a write with a version ≤ the stored one changes nothing (version gate). */
  version: number;
  vectors: Record<string, Float32Array>;
  payload: PointPayload;
};

export type VectorQuery = { space: string; vector: Float32Array; limit: number; filter?: VectorFilter };
/** `score` is cosine similarity, best first; ties by smaller id. */
export type VectorHit = { id: ItemRef; score: number };

/** Which named vectors a collection holds, and their lengths. */
export type CollectionSpec = { kind: ItemKind; spaces: Record<string, number> };

/**
 * Where candidate retrieval finds its neighbours. Rebuildable from Postgres at any time, never the truth.
 * A kind's current collection is reached through its alias; `create` + `activate` swap in a new one
 * while the old serves. Errors: HamletError `vectors-unavailable` (503) when the backend does not answer;
 * `vector-invalid` (400) for a NaN, zero or wrongly sized vector.
 */
export interface VectorStore {
  readonly backend: 'embedded' | 'qdrant';
  /** True where another process owns the embedded index: this one sees the state last saved, and a
   * write answers `vectors-in-use` (409), but for a collection that this store created. */
  readonly readOnly: boolean;
  /** What the kind's active collection holds; undefined before `open`, its error where that failed. */
  spec(kind: ItemKind): CollectionSpec | undefined;
  /**
   * Makes the alias and a first collection when there is none; a changed spec makes a new, empty one.
   * Returns the collection's name, unique to it for all time. Cheap to repeat: that is how a store
   * notices that another process has switched the alias.
   */
  open(spec: CollectionSpec): Promise<string>;
  /** A new empty collection for the kind, not yet served. Returns its name. */
  create(spec: CollectionSpec): Promise<string>;
  /** Points the alias of `kind` at `collection` and drops the one it pointed at before. */
  activate(kind: ItemKind, collection: string): Promise<void>;
  /** Writes through the version gate, into the active collection or the one named. */
  upsert(kind: ItemKind, points: Point[], collection?: string): Promise<void>;
  /** Removes points; a tombstone keeps the version gate closed to older writes. */
  remove(kind: ItemKind, points: { id: ItemRef; version: number }[], collection?: string): Promise<void>;
  /** One answer a query, in order. A query whose space the collection lacks answers []. */
  search(kind: ItemKind, queries: VectorQuery[]): Promise<VectorHit[][]>;
  /** The stored vectors of these points in one space; absent points are absent from the map. */
  vectors(kind: ItemKind, space: string, ids: ItemRef[]): Promise<Map<ItemRef, Float32Array>>;
  /** Every stored id with its version, in id order, `limit` at a time after `after`; for the sweep. */
  scroll(kind: ItemKind, after: ItemRef, limit: number): Promise<{ id: ItemRef; version: number }[]>;
  count(kind: ItemKind): Promise<number>;
  /** Makes what was written durable (embedded: saves to disk): the active collections, or the one named. */
  flush(collection?: string): Promise<void>;
  close(): Promise<void>;
}

/** What a list needs of it. */
export type VectorReader = Pick<VectorStore, 'backend' | 'search' | 'vectors'>;
