import type { Catalog } from '../catalog/index.ts';
import type { ContentSpace, ItemKind } from '../catalog/types.ts';
import type { Config } from '../config.ts';
import type { Dpo } from '../dpo/index.ts';
import type { EmbeddingFailure, EmbeddingReport } from '../embedding/index.ts';
import type { KeptReport } from '../evaluation/index.ts';
import type { Events } from '../events/index.ts';
import type { Experiments } from '../experiments/index.ts';
import type { ImageLoader } from '../images/index.ts';
import type { Keys } from '../keys/index.ts';
import type { Log } from '../log.ts';
import type { Artifact } from '../models/index.ts';
import type { Moderation } from '../moderation/index.ts';
import type { Recommender } from '../recommend/index.ts';
import type { Sidecars } from '../sidecar/index.ts';
import type { Tastes } from '../taste/index.ts';
import type { Trainings } from '../trainings/index.ts';
import type { VectorStore } from '../vectors/port.ts';
import type { Vlm } from '../vlm/index.ts';
import type { W2w, W2wEdits } from '../w2w/index.ts';

/** What the routes need of the rest of Hamlet: each part by the few things that are asked of it. */
export type HttpParts = {
  config: Config;
  log: Log;
  recommender: Pick<Recommender, 'recommend' | 'nextPage' | 'similar' | 'search'>;
  catalog: Pick<Catalog, 'put' | 'remove' | 'get' | 'heldBack' | 'heldBackCounts'>;
  events: Pick<
    Events,
    'ingest' | 'history' | 'listUsers' | 'getUser' | 'putUser' | 'putPreferences' | 'eraseUser'
  >;
  tastes: Pick<Tastes, 'told' | 'state'>;
  /** Null: none is configured. */
  vlm: Pick<Vlm, 'state' | 'counts'> | null;
  experiments: Omit<Experiments, 'assign' | 'close' | 'guard' | 'watchGuardrails'>;
  evaluations(): Promise<KeptReport[]>;
  keys: Keys;
  db: { pool: { query(sql: string): Promise<unknown> } };
  vectors: Pick<VectorStore, 'count'>;
  /** How far behind the catalogue each vector collection is. */
  outbox: { lag(): Promise<{ collection: string; versions: number }[]> };
  sidecars: Pick<Sidecars, 'states'>;
  images: Pick<ImageLoader, 'outcomes'>;
  moderation: Moderation;
  embeddings: Embeddings;
  registry: Registry;
  maintenance: Maintenance;
  trainings: Omit<Trainings, 'stop'>;
  dpo: Omit<Dpo, 'prepare'>;
  w2w: Pick<W2w, 'startSpace' | 'getSpace' | 'listSpaces'>;
  w2wEdits: W2wEdits;
  /**
   * Pictures of the demo world and of its models, as WebP, and such as were imported from a folder; null for a name
   * that is none's or may not be shown.
   */
  pictures: {
    webp(name: string, size?: 256 | 512): Promise<Buffer | null>;
    showcase(name: string): Promise<Buffer | null>;
    imported(kind: ItemKind, id: string, name: string): Promise<Buffer | null>;
  };
};

/** As it is told: without its manifest, which names every file. */
export type ArtifactRow = Omit<Artifact, 'manifest'>;
export type Registry = {
  list(): Promise<ArtifactRow[]>;
  /** Enters a folder of the artifacts as a candidate, once it is checked. */
  add(folder: string): Promise<ArtifactRow>;
  promote(kind: string, version: string): Promise<unknown>;
  /** Answers what is in force afterwards; null = none. */
  rollback(kind: string): Promise<{ version: string } | null>;
};

export type Embeddings = {
  report(): Promise<
    EmbeddingReport & { encoder: string | null; problem: string | null; space: ContentSpace }
  >;
  /** The latest first. */
  failures(limit: number): Promise<EmbeddingFailure[]>;
};

export type Maintenance = {
  reindex(kind: ItemKind, progress: (fraction: number) => void): Promise<object>;
  sweep(kind: ItemKind): Promise<object>;
};
