import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SnapshotManifest } from '../../../schemas/sidecar.ts';
import type { Database } from '../../db/index.ts';
import { translateDatabaseError, writeTable } from '../../db/index.ts';
import { describeFile, digestOfFiles } from '../../models/index.ts';
import { readSnapshot } from './read.ts';
import { PEOPLE, TABLES } from './tables.ts';

/**
 * Writes the log and the catalogue as they are at one moment to `artifacts/snapshots/DIGEST`, and answers its
 * manifest. What is there already is not written again: the digest is that of the files' contents.
 * @throws HamletError `database-unavailable`
 */
export async function writeSnapshot(
  db: Database,
  home: string,
  between: () => Promise<void> = async () => {},
): Promise<SnapshotManifest> {
  const root = join(home, 'artifacts/snapshots');
  const partial = join(root, `partial-${randomUUID()}`);
  await mkdir(partial, { recursive: true });
  try {
    const counts = await writeTables(db, partial, between);
    const files: SnapshotManifest['files'] = {};
    for (const { name } of TABLES)
      files[`${name}.parquet`] = await describeFile(join(partial, `${name}.parquet`));
    const digest = digestOfFiles(files);
    const there = await readSnapshot(home, digest).catch(() => null);
    if (there) return there;
    const manifest: SnapshotManifest = {
      format: 'hamlet-snapshot/1',
      digest,
      created: new Date().toISOString(),
      counts,
      files,
    };
    await writeDurably(join(partial, 'manifest.json'), JSON.stringify(manifest, null, 2));
    await rm(join(root, digest), { recursive: true, force: true });
    await rename(partial, join(root, digest));
    return manifest;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** All tables as of one moment. */
async function writeTables(db: Database, folder: string, between: () => Promise<void>) {
  const client = await db.pool.connect().catch((error: unknown) => {
    throw translateDatabaseError(error);
  });
  try {
    await client.query('begin isolation level repeatable read read only; set local statement_timeout = 0');
    const rows: Record<string, number> = {};
    for (const table of TABLES)
      rows[table.name] = await writeTable(client, table, join(folder, `${table.name}.parquet`), between);
    const people = await client.query<{ users: number }>(PEOPLE);
    await client.query('commit');
    client.release();
    return { events: rows.events!, items: rows.items!, users: people.rows[0]!.users };
  } catch (error) {
    client.release(error as Error);
    throw translateDatabaseError(error);
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  await file.writeFile(`${text}\n`);
  await file.sync().finally(() => file.close());
}
