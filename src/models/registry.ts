import type { PoolClient } from 'pg';
import { type Database, inTransaction, query } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import { type Artifact, type ArtifactState, COLUMNS, type Row, toArtifact } from './artifact-rows.ts';

/**
 * Puts a version in force and retires the one before, in one transaction.
 * @throws HamletError `artifact-unknown` (404)
 */
export function promote(db: Database, kind: string, version: string): Promise<Artifact> {
  return inTransaction(db, async (client) => {
    const all = await lockKind(client, kind);
    const chosen = all.find((artifact) => artifact.version === version);
    if (chosen === undefined) throw unknownArtifact(kind, version);
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
 * Rejects the version in force and returns to the one promoted before it; each further call goes one back, and from
 * the first one to none: defaults serve.
 * @returns what is in force afterwards
 * @throws HamletError `nothing-to-roll-back` (409) when none is in force
 */
export function rollback(db: Database, kind: string): Promise<Artifact | null> {
  return inTransaction(db, async (client) => {
    const all = await lockKind(client, kind);
    if (all.every((artifact) => artifact.state !== 'active'))
      throw new HamletError('nothing-to-roll-back', 409, `no version of ${kind} is in force`);
    const previous = all
      .filter((artifact) => artifact.state === 'retired' && artifact.promotedAt !== null)
      .sort((a, b) => Date.parse(b.promotedAt!) - Date.parse(a.promotedAt!))[0];
    await setActive(client, kind, previous?.version ?? null, 'rejected');
    return previous === undefined ? null : { ...previous, state: 'active' as const };
  });
}

/** @throws HamletError `artifact-unknown` (404) */
export async function artifactOf(db: Database, kind: string, version: string): Promise<Artifact> {
  const sql = `select ${COLUMNS} from artifacts where kind = $1 and version = $2`;
  const [row] = await query<Row>(db, sql, [kind, version]);
  if (row === undefined) throw unknownArtifact(kind, version);
  return toArtifact(row);
}

/** Keeps with an artifact what was found when it was judged. */
export async function tellVerdict(
  db: Database,
  kind: string,
  version: string,
  verdict: object,
): Promise<void> {
  const sql = `update artifacts set metrics = metrics || jsonb_build_object('verdict', $3::jsonb)
    where kind = $1 and version = $2`;
  await query(db, sql, [kind, version, JSON.stringify(verdict)]);
}

/** A candidate that is not to serve; what is in force or was is left as it is. */
export async function refuse(db: Database, kind: string, version: string): Promise<void> {
  const sql = `update artifacts set state = 'rejected' where kind = $1 and version = $2 and state = 'candidate'`;
  await query(db, sql, [kind, version]);
}

/** The version in force, if any. */
export async function activeArtifact(db: Database, kind: string): Promise<Artifact | null> {
  const sql = `select ${COLUMNS} from artifacts where kind = $1 and state = 'active'`;
  const [row] = await query<Row>(db, sql, [kind]);
  return row === undefined ? null : toArtifact(row);
}

/** All versions, of one kind or of every kind, newest first. */
export async function listArtifacts(db: Database, kind?: string): Promise<Artifact[]> {
  const rows = await query<Row>(
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

const unknownArtifact = (kind: string, version: string) =>
  new HamletError('artifact-unknown', 404, `no artifact ${kind} of version ${version}`);
