import type pg from 'pg';
import { type Database, inTransaction, translateDatabaseError } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import { checkDefinition, checkStart } from './definition.ts';
import type { Change, Definition, Experiment, State } from './types.ts';

const SELECT = `
  select e.key, e.version, e.state, e.coverage, e.paused_variants as "pausedVariants", e.winner,
    v.definition, v.started_at as "startedAt", v.ended_at as "endedAt"
  from experiments e join experiment_versions v on v.key = e.key and v.version = e.version`;
type Row = Omit<Experiment, 'startedAt' | 'endedAt'> & { startedAt: Date | null; endedAt: Date | null };

const toExperiment = (row: Row): Experiment => ({
  ...row,
  startedAt: row.startedAt?.toISOString() ?? null,
  endedAt: row.endedAt?.toISOString() ?? null,
});

export async function listExperiments(db: Pick<Database, 'pool'>, states?: State[]): Promise<Experiment[]> {
  const where = states ? 'where e.state = any($1) order by e.promoted_at, e.key' : 'order by e.key';
  const { rows } = await db.pool
    .query<Row>(`${SELECT} ${where}`, states ? [states] : [])
    .catch((error: unknown) => Promise.reject(translateDatabaseError(error)));
  return rows.map(toExperiment);
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
  const { rows } = await db.pool.query<Row>(
    `select definition, started_at as "startedAt", ended_at as "endedAt" from experiment_versions
     where key = $1 and version = $2`,
    [key, version],
  );
  if (rows[0] === undefined)
    throw new HamletError('experiment-unknown', 404, `${key} has no version ${version}.`);
  return toExperiment({ ...now, ...rows[0], version, pausedVariants: {} } as Row);
}

async function read(client: pg.PoolClient, key: string, lock = false): Promise<Experiment> {
  const { rows } = await client.query<Row>(`${SELECT} where e.key = $1 ${lock ? 'for update of e' : ''}`, [
    key,
  ]);
  if (rows[0] === undefined)
    throw new HamletError('experiment-unknown', 404, `There is no experiment ${key}.`);
  return toExperiment(rows[0]);
}

/** Written down or edited. What has run keeps its version: the edit makes a new one, in force from now. */
export function putExperiment(
  db: Database,
  key: string,
  definition: Definition,
): Promise<{ experiment: Experiment; created: boolean }> {
  checkDefinition(definition);
  return inTransaction(db, async (client) => {
    const { rowCount } = await client.query(
      `insert into experiments (key, version, state, coverage) values ($1, 1, 'draft', $2) on conflict do nothing`,
      [key, definition.coverage ?? 1],
    );
    if (rowCount === 1) {
      await client.query('insert into experiment_versions (key, version, definition) values ($1, 1, $2)', [
        key,
        JSON.stringify(definition),
      ]);
      await note(client, key, 1, 'created');
    } else await edit(client, await read(client, key, true), definition);
    return { experiment: await read(client, key), created: rowCount === 1 };
  });
}

async function edit(client: pg.PoolClient, now: Experiment, definition: Definition): Promise<void> {
  const { key, version } = now;
  requireState(now, ['draft', 'running', 'paused']);
  const text = JSON.stringify(definition);
  if (now.startedAt === null) {
    await client.query('update experiment_versions set definition = $3 where key = $1 and version = $2', [
      key,
      version,
      text,
    ]);
    await client.query('update experiments set coverage = $2, updated_at = now() where key = $1', [
      key,
      definition.coverage ?? 1,
    ]);
    return note(client, key, version, 'edited');
  }
  if (now.state === 'running') await checkAgainstOthers(client, key, definition);
  await endVersion(client, now);
  await client.query(
    `insert into experiment_versions (key, version, definition, started_at)
     values ($1, $2, $3, case when $4 then now() end)`,
    [key, version + 1, text, now.state === 'running'],
  );
  await client.query(
    `update experiments set version = $2, coverage = $3, paused_variants = '{}', updated_at = now() where key = $1`,
    [key, version + 1, definition.coverage ?? now.coverage],
  );
  await note(client, key, version + 1, 'edited', { before: version });
}

/** @throws HamletError of `checkStart`, `state-forbids` (409) */
export const startExperiment = (db: Database, key: string) =>
  change(db, key, ['draft', 'paused'], async (client, now) => {
    await checkAgainstOthers(client, key, now.definition);
    await client.query(
      `update experiment_versions set started_at = coalesce(started_at, now()), ended_at = null
       where key = $1 and version = $2`,
      [key, now.version],
    );
    await setState(client, key, 'running');
    await note(client, key, now.version, 'started', { coverage: now.coverage });
  });

/** All of it, or one variant, whose people get the control's pipeline from then on. */
export const pauseExperiment = (db: Database, key: string, variant?: string, reason = 'by hand') =>
  change(db, key, ['running'], async (client, now) => {
    if (variant === undefined) await setState(client, key, 'paused');
    else {
      requireVariant(now, variant);
      const paused = { ...now.pausedVariants, [variant]: { at: new Date().toISOString(), reason } };
      await client.query('update experiments set paused_variants = $2, updated_at = now() where key = $1', [
        key,
        JSON.stringify(paused),
      ]);
    }
    await note(client, key, now.version, 'paused', { variant: variant ?? null, reason });
  });

/** Up only: lowering the share would take people out of their variant. @throws HamletError `ramp-down` (409) */
export const rampExperiment = (db: Database, key: string, coverage: number) =>
  change(db, key, ['draft', 'running', 'paused'], async (client, now) => {
    if (coverage < now.coverage && now.startedAt !== null)
      throw new HamletError(
        'ramp-down',
        409,
        `It reaches ${now.coverage} of the people; only more is possible.`,
        {
          pointer: '/coverage',
        },
      );
    await client.query('update experiments set coverage = $2, updated_at = now() where key = $1', [
      key,
      coverage,
    ]);
    await note(client, key, now.version, 'ramped', { from: now.coverage, to: coverage });
  });

export const stopExperiment = (db: Database, key: string) =>
  change(db, key, ['running', 'paused'], async (client, now) => {
    await endVersion(client, now);
    await setState(client, key, 'stopped');
    await note(client, key, now.version, 'stopped');
  });

/** The variant's overrides become part of the default pipeline of everyone it was aimed at. */
export const promoteVariant = (db: Database, key: string, variant: string) =>
  change(db, key, ['running', 'paused', 'stopped'], async (client, now) => {
    requireVariant(now, variant);
    await endVersion(client, now);
    await client.query(`update experiments set winner = $2, promoted_at = now() where key = $1`, [
      key,
      variant,
    ]);
    await setState(client, key, 'promoted');
    await note(client, key, now.version, 'promoted', { variant });
  });

export const demoteVariant = (db: Database, key: string) =>
  change(db, key, ['promoted'], async (client, now) => {
    await client.query(`update experiments set winner = null, promoted_at = null where key = $1`, [key]);
    await setState(client, key, 'stopped');
    await note(client, key, now.version, 'demoted', { variant: now.winner });
  });

export async function changesOf(db: Pick<Database, 'pool'>, key: string): Promise<Change[]> {
  await getExperiment(db, key);
  const { rows } = await db.pool.query<Omit<Change, 'at'> & { at: Date }>(
    'select version, change, detail, at from experiment_changes where key = $1 order by ref',
    [key],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

function change(
  db: Database,
  key: string,
  from: State[],
  work: (client: pg.PoolClient, now: Experiment) => Promise<void>,
): Promise<Experiment> {
  return inTransaction(db, async (client) => {
    const now = await read(client, key, true);
    requireState(now, from);
    await work(client, now);
    return read(client, key);
  });
}

async function checkAgainstOthers(client: pg.PoolClient, key: string, definition: Definition): Promise<void> {
  // One start at a time, or two that overlap could each miss the other.
  await client.query('select pg_advisory_xact_lock(hashtext($1))', ['experiments-start']);
  const { rows } = await client.query<Row>(`${SELECT} where e.state = 'running'`);
  await checkStart(key, definition, rows.map(toExperiment), async (kind, version) => {
    const { rowCount } = await client.query(
      `select 1 from artifacts where kind = $1 and version = $2 and state <> 'rejected'`,
      [kind, version],
    );
    return rowCount === 1;
  });
}

const endVersion = (client: pg.PoolClient, { key, version }: Experiment) =>
  client.query(
    'update experiment_versions set ended_at = coalesce(ended_at, now()) where key = $1 and version = $2',
    [key, version],
  );
const setState = (client: pg.PoolClient, key: string, state: State) =>
  client.query('update experiments set state = $2, updated_at = now() where key = $1', [key, state]);

/** Every change raises the clock that replicas watch. */
async function note(client: pg.PoolClient, key: string, version: number, what: string, detail: object = {}) {
  await client.query(
    'insert into experiment_changes (key, version, change, detail) values ($1, $2, $3, $4)',
    [key, version, what, JSON.stringify(detail)],
  );
  await client.query(
    `insert into clocks values ('experiments', 1) on conflict (name) do update set value = clocks.value + 1`,
  );
}

function requireState(now: Experiment, allowed: State[]): void {
  if (!allowed.includes(now.state))
    throw new HamletError(
      'state-forbids',
      409,
      `${now.key} is ${now.state}; this needs ${allowed.join(' or ')}.`,
    );
}

function requireVariant({ definition }: Experiment, variant: string): void {
  if (!definition.variants.some(({ key }) => key === variant))
    throw new HamletError('variant-unknown', 404, `There is no variant ${variant}.`, { pointer: '/variant' });
}
