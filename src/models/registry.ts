import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { PoolClient } from 'pg';
import { type Database, inTransaction, translateDatabaseError } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import { checkAnswers } from './answers.ts';
import { artifactInvalid, isPlainName, type Manifest, readMetrics, verifyArtifact } from './artifact.ts';

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

const COLUMNS = 'kind, version, manifest, metrics, state, created_at, promoted_at';

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

/**
 * Puts a version in force and retires the one before, in one transaction.
 * @throws HamletError `artifact-unknown` (404)
 */
export function promote(db: Database, kind: string, version: string): Promise<Artifact> {
  return inTransaction(db, async (client) => {
    const all = await lockKind(client, kind);
    const chosen = all.find((artifact) => artifact.version === version);
    if (chosen === undefined)
      throw new HamletError('artifact-unknown', 404, `no artifact ${kind} of version ${version}`);
    if (chosen.state === 'active') return chosen;
    await setActive(client, kind, null, 'retired');
    await client.query(
      `update artifacts set state = 'active', promoted_at = clock_timestamp() where kind = $1 and version = $2`,
      [kind, version],
    );
    return { ...chosen, state: 'active' as const, promotedAt: new Date().toISOString() };
  });
}

/**
 * Rejects the version in force and returns to the one promoted before it; each further call goes one back.
 * @throws HamletError `nothing-to-roll-back` (409)
 */
export function rollback(db: Database, kind: string): Promise<Artifact> {
  return inTransaction(db, async (client) => {
    const all = await lockKind(client, kind);
    const previous = all
      .filter((artifact) => artifact.state === 'retired' && artifact.promotedAt !== null)
      .sort((a, b) => Date.parse(b.promotedAt!) - Date.parse(a.promotedAt!))[0];
    if (previous === undefined || all.every((artifact) => artifact.state !== 'active'))
      throw new HamletError(
        'nothing-to-roll-back',
        409,
        `no version of ${kind} was in force before this one`,
      );
    await setActive(client, kind, previous.version, 'rejected');
    return { ...previous, state: 'active' as const };
  });
}

/** The version in force, if any. */
export async function activeArtifact(db: Database, kind: string): Promise<Artifact | null> {
  const sql = `select ${COLUMNS} from artifacts where kind = $1 and state = 'active'`;
  const { rows } = await query(db, sql, [kind]);
  return rows[0] === undefined ? null : toArtifact(rows[0]);
}

/** All versions, of one kind or of every kind, newest first. */
export async function listArtifacts(db: Database, kind?: string): Promise<Artifact[]> {
  const { rows } = await query(
    db,
    `select ${COLUMNS} from artifacts where $1::text is null or kind = $1 order by created_at desc, version`,
    [kind ?? null],
  );
  return rows.map(toArtifact);
}

/** Row locks would miss a version that is being entered: the lock is on the kind itself. */
async function lockKind(client: PoolClient, kind: string): Promise<Artifact[]> {
  await client.query(`select pg_advisory_xact_lock(hashtext('artifacts'), hashtext($1))`, [kind]);
  const { rows } = await client.query<Row>(`select ${COLUMNS} from artifacts where kind = $1`, [kind]);
  return rows.map(toArtifact);
}

/** First out, then in: two active versions of a kind never exist, not even within the transaction. */
async function setActive(client: PoolClient, kind: string, version: string | null, old: ArtifactState) {
  await client.query(`update artifacts set state = $2 where kind = $1 and state = 'active'`, [kind, old]);
  if (version !== null)
    await client.query(`update artifacts set state = 'active' where kind = $1 and version = $2`, [
      kind,
      version,
    ]);
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

type Row = {
  kind: string;
  version: string;
  manifest: Manifest;
  metrics: Record<string, unknown>;
  state: ArtifactState;
  created_at: Date;
  promoted_at: Date | null;
};

const query = (db: Database, sql: string, values: unknown[]) =>
  db.pool.query<Row>(sql, values).catch((error: unknown) => {
    throw translateDatabaseError(error);
  });

const toArtifact = (row: Row): Artifact => ({
  kind: row.kind,
  version: row.version,
  manifest: row.manifest,
  metrics: row.metrics,
  state: row.state,
  createdAt: row.created_at.toISOString(),
  promotedAt: row.promoted_at?.toISOString() ?? null,
});
