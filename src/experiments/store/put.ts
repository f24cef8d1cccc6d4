import type pg from 'pg';
import { type Database, inTransaction } from '../../db/index.ts';
import { checkDefinition } from '../definition.ts';
import type { Definition, Experiment } from '../types.ts';
import { read } from './read.ts';
import { checkAgainstOthers, endVersion, note, requireState } from './steps.ts';

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
