import type pg from 'pg';
import { HamletError } from '../../errors.ts';
import { checkStart } from '../definition.ts';
import type { Definition, Experiment, State } from '../types.ts';
import { type Row, SELECT, toExperiment } from './read.ts';

/** What editing an experiment and changing its state have in common; each within the caller's transaction. */
export async function checkAgainstOthers(
  client: pg.PoolClient,
  key: string,
  definition: Definition,
): Promise<void> {
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

export const endVersion = (client: pg.PoolClient, { key, version }: Experiment) =>
  client.query(
    'update experiment_versions set ended_at = coalesce(ended_at, now()) where key = $1 and version = $2',
    [key, version],
  );

/** Every change raises the clock that replicas watch. */
export async function note(
  client: pg.PoolClient,
  key: string,
  version: number,
  what: string,
  detail: object = {},
) {
  await client.query(
    'insert into experiment_changes (key, version, change, detail) values ($1, $2, $3, $4)',
    [key, version, what, JSON.stringify(detail)],
  );
  await client.query(
    `insert into clocks values ('experiments', 1) on conflict (name) do update set value = clocks.value + 1`,
  );
}

export function requireState(now: Experiment, allowed: State[]): void {
  if (!allowed.includes(now.state))
    throw new HamletError(
      'state-forbids',
      409,
      `${now.key} is ${now.state}; this needs ${allowed.join(' or ')}.`,
    );
}
