import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { PoolClient } from 'pg';
import { type Database, translateDatabaseError } from '../db/index.ts';
import { checkAnswers } from './answers.ts';
import { artifactInvalid, isPlainName, type Manifest, readMetrics, verifyArtifact } from './artifact.ts';
import { type Artifact, COLUMNS, type Row, toArtifact } from './artifact-rows.ts';

export type CheckedArtifact = { manifest: Manifest; metrics: Record<string, unknown> };

/**
 * Enters a folder of HAMLET_HOME/artifacts as a candidate, once all its files match their digests. What is
 * entered already keeps its state.
 *
 * @throws HamletError `artifact-invalid` (422)
 */
export async function registerArtifact(
  db: Database,
  home: string,
  kind: string,
  folder: string,
  metrics: Record<string, unknown> = {},
): Promise<Artifact> {
  const checked = await checkArtifact(home, folder);
  if (checked.manifest.kind !== kind)
    throw artifactInvalid(folder, `it is of kind ${checked.manifest.kind}, not ${kind}`);
  return enterArtifact(db.pool, { ...checked, metrics: { ...checked.metrics, ...metrics } });
}

/** The same for a folder known by its name alone. @throws HamletError `artifact-invalid`, `artifact-pickle` (422) */
export const addArtifact = async (db: Database, home: string, name: string): Promise<Artifact> =>
  enterArtifact(db.pool, await checkArtifact(home, join(home, 'artifacts', name)));

/**
 * What a folder of HAMLET_HOME/artifacts holds, once all its files match their digests and its models answer
 * what they are said to.
 * @throws HamletError `artifact-invalid` (422)
 */
export async function checkArtifact(home: string, folder: string): Promise<CheckedArtifact> {
  await requireInside(folder, join(home, 'artifacts'));
  const manifest = await verifyArtifact(folder);
  const name = `${manifest.kind}-${manifest.version}`;
  if (basename(folder) !== name) throw artifactInvalid(folder, `its folder must be named ${name}`);
  await checkAnswers(folder, manifest);
  return { manifest, metrics: manifest.files['metrics.json'] ? await readMetrics(folder) : {} };
}

/** Alone, or in the transaction of whatever made it. */
export async function enterArtifact(
  client: Pick<PoolClient, 'query'>,
  { manifest, metrics }: CheckedArtifact,
): Promise<Artifact> {
  const { rows } = await client
    .query<Row>(
      `insert into artifacts (kind, version, manifest, metrics) values ($1, $2, $3, $4)
       on conflict (kind, version) do update set manifest = excluded.manifest, metrics = excluded.metrics
       returning ${COLUMNS}`,
      [manifest.kind, manifest.version, JSON.stringify(manifest), JSON.stringify(metrics)],
    )
    .catch((error: unknown) => {
      throw translateDatabaseError(error);
    });
  return toArtifact(rows[0]!);
}

async function requireInside(folder: string, allowed: string): Promise<void> {
  if (!isPlainName(basename(folder))) throw artifactInvalid(folder, 'its name is not plain');
  const [parent, root] = await Promise.all(
    [dirname(resolve(folder)), resolve(allowed)].map((path) => realpath(path).catch(() => null)),
  );
  const target = await realpath(folder).catch(() => null);
  if (target === null || parent === null || parent !== root || dirname(target) !== root)
    throw artifactInvalid(folder, 'it is not a folder of the home folder’s artifacts');
}
