import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ItemKind } from '../catalog/types.ts';
import { type Database, translateDatabaseError, writeTable } from '../db/index.ts';
import { activeArtifact, writeArtifact } from '../models/index.ts';
import { BLEND } from '../recommend/index.ts';
import { listsTable } from './lists-table.ts';

const FILE = 'lists.parquet';

/**
 * Writes what a ranker learns from to `artifacts/impressions-KIND-DIGEST`, the digest being that of its contents.
 * The default blend's weights beside the models in force are with it, for that is where a ranker begins; it does not
 * serve where a variant names weights.
 * @returns name of the folder, and the digest
 * @throws HamletError `database-unavailable`
 */
export async function writeImpressions(
  { db, home }: { db: Database; home: string },
  kind: ItemKind,
  between: () => Promise<void> = async () => {},
): Promise<{ folder: string; dataset: string }> {
  const lists = await readLists(db, home, kind, between);
  const towers = await activeArtifact(db, `two-tower-${kind}`);
  const blend = JSON.stringify(towers === null ? BLEND.weights : BLEND.besideTowers);
  const dataset = createHash('sha256').update(lists).update(blend).digest('hex');
  const version = dataset.slice(0, 32);
  const folder = `impressions-${kind}-${version}`;
  await writeArtifact(
    join(home, 'artifacts', folder),
    {
      ...{ kind: `impressions-${kind}`, version, contract: 'hamlet-impressions/1' },
      ...{ dataset: { digest: dataset }, parameters: { blend } },
    },
    { [FILE]: lists },
  );
  return { folder, dataset };
}

/** As of one moment. */
async function readLists(db: Database, home: string, kind: ItemKind, between: () => Promise<void>) {
  const scratch = join(home, 'artifacts', `impressions-${randomUUID()}.partial`);
  await mkdir(scratch, { recursive: true });
  const client = await db.pool.connect().catch((error: unknown) => {
    throw translateDatabaseError(error);
  });
  try {
    await client.query('begin isolation level repeatable read read only; set local statement_timeout = 0');
    await writeTable(client, listsTable(kind), join(scratch, FILE), between);
    await client.query('commit');
    client.release();
    return await readFile(join(scratch, FILE));
  } catch (error) {
    client.release(error as Error);
    throw translateDatabaseError(error);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
