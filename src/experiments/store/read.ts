import type pg from 'pg';
import { type Database, inTransaction, query } from '../../db/index.ts';
import { HamletError } from '../../errors.ts';
import type { Change, Experiment, State } from '../types.ts';

export const SELECT = `
  select e.key, e.version, e.state, e.coverage, e.paused_variants as "pausedVariants", e.winner,
    v.definition, v.started_at as "startedAt", v.ended_at as "endedAt"
  from experiments e join experiment_versions v on v.key = e.key and v.version = e.version`;
export type Row = Omit<Experiment, 'startedAt' | 'endedAt'> & {
  startedAt: Date | null;
  endedAt: Date | null;
};

export const toExperiment = (row: Row): Experiment => ({
  ...row,
  startedAt: row.startedAt?.toISOString() ?? null,
  endedAt: row.endedAt?.toISOString() ?? null,
});

export async function listExperiments(db: Pick<Database, 'pool'>, states?: State[]): Promise<Experiment[]> {
  const where = states ? 'where e.state = any($1) order by e.promoted_at, e.key' : 'order by e.key';
  return (await query<Row>(db, `${SELECT} ${where}`, states ? [states] : [])).map(toExperiment);
}

/** @throws HamletError `experiment-unknown` (404) */
export const getExperiment = (db: Pick<Database, 'pool'>, key: string): Promise<Experiment> =>
  inTransaction(db, (client) => read(client, key));

/** A version that ran before the one in force. @throws HamletError `experiment-unknown` (404) */
export async function getVersion(
  db: Pick<Database, 'pool'>,
  key: string,
  version: number,
): Promise<Experiment> {
  const now = await getExperiment(db, key);
  if (version === now.version) return now;
  const [row] = await query<Row>(
    db,
    `select definition, started_at as "startedAt", ended_at as "endedAt" from experiment_versions
     where key = $1 and version = $2`,
    [key, version],
  );
  if (row === undefined)
    throw new HamletError('experiment-unknown', 404, `${key} has no version ${version}.`);
  return toExperiment({ ...now, ...row, version, pausedVariants: {} } as Row);
}

/** @throws HamletError `experiment-unknown` (404) */
export async function read(client: pg.PoolClient, key: string, lock = false): Promise<Experiment> {
  const { rows } = await client.query<Row>(`${SELECT} where e.key = $1 ${lock ? 'for update of e' : ''}`, [
    key,
  ]);
  if (rows[0] === undefined)
    throw new HamletError('experiment-unknown', 404, `There is no experiment ${key}.`);
  return toExperiment(rows[0]);
}

export async function changesOf(db: Pick<Database, 'pool'>, key: string): Promise<Change[]> {
  await getExperiment(db, key);
  const rows = await query<Omit<Change, 'at'> & { at: Date }>(
    db,
    'select version, change, detail, at from experiment_changes where key = $1 order by ref',
    [key],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
