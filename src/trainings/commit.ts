import { join } from 'node:path';
import type { JobStatus } from '../../schemas/sidecar.ts';
import { type Database, inTransaction, query } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import { checkArtifact, enterArtifact } from '../models/index.ts';
import { FINISH } from './lease.ts';
import type { Fault, Held } from './types.ts';

/**
 * Makes a finished job's result the training's one result: its artifact, if it names one, is checked and
 * entered as a candidate in the same transaction. Whoever's fence is old commits nothing.
 * @throws HamletError `training-taken`, `artifact-invalid`, `dataset-mismatch`
 */
export async function commitResult(db: Database, home: string, held: Held, status: JobStatus): Promise<void> {
  const result = status.result ?? {};
  const checked = 'artifact' in result ? await checkNamed(home, held, result.artifact) : undefined;
  await inTransaction(db, async (client) => {
    const { rowCount } = await client.query(FINISH, [held.id, held.fence, 'done', result, null]);
    if (rowCount !== 1) throw lost(held);
    if (checked) await enterArtifact(client, checked);
  });
}

/** @throws HamletError `training-taken` */
export async function commitEnd(
  db: Database,
  held: Held,
  state: 'failed' | 'cancelled',
  error: Fault | null,
): Promise<void> {
  const rows = await query(db, FINISH, [held.id, held.fence, state, null, error]);
  if (rows.length !== 1) throw lost(held);
}

async function checkNamed(home: string, { dataset }: Held, name: unknown) {
  const folder = join(home, 'artifacts', typeof name === 'string' ? name : '');
  const checked = await checkArtifact(home, folder);
  if (dataset !== null && checked.manifest.dataset.digest !== dataset)
    throw new HamletError(
      'dataset-mismatch',
      422,
      `the artifact says it saw ${checked.manifest.dataset.digest}, and the training was given ${dataset}`,
    );
  return checked;
}

const lost = ({ id }: Held) =>
  new HamletError('training-taken', 409, `training ${id} has passed to another api, or is over`);
