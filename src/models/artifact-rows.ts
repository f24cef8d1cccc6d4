import type { Manifest } from './artifact.ts';

export type ArtifactState = 'candidate' | 'active' | 'retired' | 'rejected';
export type Artifact = {
  kind: string;
  version: string;
  manifest: Manifest;
  metrics: Record<string, unknown>;
  state: ArtifactState;
  createdAt: string;
  promotedAt: string | null;
};

/** Of the table `artifacts`. */
export const COLUMNS = 'kind, version, manifest, metrics, state, created_at, promoted_at';

export type Row = {
  kind: string;
  version: string;
  manifest: Manifest;
  metrics: Record<string, unknown>;
  state: ArtifactState;
  created_at: Date;
  promoted_at: Date | null;
};

export const toArtifact = (row: Row): Artifact => ({
  kind: row.kind,
  version: row.version,
  manifest: row.manifest,
  metrics: row.metrics,
  state: row.state,
  createdAt: row.created_at.toISOString(),
  promotedAt: row.promoted_at?.toISOString() ?? null,
});
