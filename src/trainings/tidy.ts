import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, query } from '../db/index.ts';

const DAY_MS = 86_400_000;
const CHECKPOINT_DAYS = 2;
/** What people did is in a snapshot too: one that no open training needs is gone within a week of an erasure. */
const SNAPSHOT_DAYS = 7;
const DIGEST = /^[0-9a-f]{64}$/;

/** Removes checkpoints of trainings that ended days ago, and old snapshots that no open training sees. */
export async function tidy(db: Database, home: string, now = Date.now()): Promise<void> {
  const open = await query<{ id: string; dataset: string | null }>(
    db,
    `select id, coalesce(dataset, spec ->> 'snapshot') as dataset from trainings where state in ('queued', 'running')`,
  );
  const ended = await query<{ id: string }>(
    db,
    `select id from trainings where finished_at < to_timestamp($1 / 1000.0) - $2 * interval '1 day'`,
    [now, CHECKPOINT_DAYS],
  );
  const over = new Set(ended.map(({ id }) => id));
  const checkpoints = join(home, 'artifacts/checkpoints');
  for (const name of await namesIn(checkpoints)) if (over.has(name)) await remove(join(checkpoints, name));

  const needed = new Set(open.map(({ dataset }) => dataset));
  const snapshots = join(home, 'artifacts/snapshots');
  for (const name of await namesIn(snapshots)) {
    const folder = join(snapshots, name);
    const age = now - ((await stat(folder).catch(() => null))?.mtimeMs ?? now);
    if (!needed.has(name) && age > SNAPSHOT_DAYS * DAY_MS && DIGEST.test(name)) await remove(folder);
  }
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
const remove = (folder: string) => rm(folder, { recursive: true, force: true });
