import type pg from 'pg';
import { type Database, inTransaction } from '../../db/index.ts';
import { HamletError } from '../../errors.ts';
import type { Experiment, State } from '../types.ts';
import { read } from './read.ts';
import { checkAgainstOthers, endVersion, note, requireState } from './steps.ts';

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

const setState = (client: pg.PoolClient, key: string, state: State) =>
  client.query('update experiments set state = $2, updated_at = now() where key = $1', [key, state]);

function requireVariant({ definition }: Experiment, variant: string): void {
  if (!definition.variants.some(({ key }) => key === variant))
    throw new HamletError('variant-unknown', 404, `There is no variant ${variant}.`, { pointer: '/variant' });
}
