import { join } from 'node:path';
import type { Catalog } from '../catalog/index.ts';
import type { Database } from '../db/index.ts';
import { activeArtifact, promote, rollback } from '../models/index.ts';
import { addLoraFile } from '../w2w/index.ts';

export const ADAPTER = 'dpo-adapter';
export type Published = { version: string | null; item: string | null };
type Parts = { db: Database; home: string; catalog: Pick<Catalog, 'put' | 'remove'> };
const WEIGHTS = 'adapter.safetensors';

const itemOf = (version: string) => `${ADAPTER}-${version}`;

/**
 * Puts an adapter in force: a model of the catalogue like any other, which is recommended, edited and downloaded.
 * The one before leaves the catalogue.
 * @throws HamletError `artifact-unknown` (404)
 */
export async function publishAdapter(parts: Parts, version: string): Promise<Published> {
  const before = await activeArtifact(parts.db, ADAPTER);
  await promote(parts.db, ADAPTER, version);
  return showAdapter(parts, before?.version ?? null);
}

/** The version before comes back, or none. @throws HamletError `nothing-to-roll-back` (409) */
export async function withdrawAdapter(parts: Parts): Promise<Published> {
  const before = await activeArtifact(parts.db, ADAPTER);
  await rollback(parts.db, ADAPTER);
  return showAdapter(parts, before?.version ?? null);
}

async function showAdapter({ db, home, catalog }: Parts, before: string | null): Promise<Published> {
  const active = await activeArtifact(db, ADAPTER);
  if (before !== null && before !== active?.version) await catalog.remove('model', itemOf(before));
  if (active === null) return { version: null, item: null };
  const { version, manifest, metrics } = active;
  const item = itemOf(version);
  const artifact = `${ADAPTER}-${version}`;
  const file = `/admin/dpo/artifacts/${artifact}/${WEIGHTS}`;
  await catalog.put(
    [
      {
        ...{ kind: 'model', id: item, title: `Aligned by ${manifest.dataset.source} pairs` },
        description: `LoRA trained by Diffusion-DPO on ${manifest.dataset.pairs} preference pairs.`,
        ...{ tags: ['aligned', String(manifest.dataset.source)], browsingLevel: 1 },
        // The platform's own: edits may start from it.
        licence: { derivatives: true },
        attributes: { method: 'Diffusion-DPO', download: file, verdict: metrics.verdict },
      },
    ],
    { mode: 'trusted' },
  );
  await addLoraFile(db, home, item, join(home, 'artifacts', artifact, WEIGHTS));
  return { version, item };
}
