import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import type { ExperimentSnapshot } from '../../../schemas/experiment-snapshot.ts';
import { writeTable } from '../../db/index.ts';
import { describeFile, digestOfFiles } from '../../models/index.ts';
import type { Experiment } from '../types.ts';
import { columnsFor, peopleTable } from './snapshot-columns.ts';
import type { Report } from './types.ts';
import type { Window } from './windows.ts';

/** As a report names it. */
export type Snapshot = { digest: string; files: string[] };

/** Of one experiment; whoever wants to keep one longer downloads it. */
const KEPT = 20;

/**
 * Makes a report and keeps beside it, in `root`/KEY/DIGEST, what it was computed from: a Parquet file a
 * window with a row a person, the report itself, and a manifest. Streamed; whole or not there.
 */
export async function writeSnapshot(
  root: string,
  client: pg.PoolClient,
  experiment: Experiment,
  make: (keep: (window: Window) => Promise<void>) => Promise<Report>,
): Promise<Report> {
  const { key, version, definition } = experiment;
  const partial = join(root, key, `partial-${randomUUID()}`);
  await mkdir(partial, { recursive: true, mode: 0o700 });
  try {
    const columns = columnsFor(client, definition.segments ?? []);
    const windows: ExperimentSnapshot['windows'] = [];
    const report = await make(async (window) => {
      const file = `people-${windows.length + 1}.parquet`;
      await writeTable(client, peopleTable(columns), join(partial, file));
      windows.push({ file, ...window });
    });
    await writeFile(join(partial, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
    const files: ExperimentSnapshot['files'] = {};
    for (const name of [...windows.map(({ file }) => file), 'report.json'])
      files[name] = await describeFile(join(partial, name));
    const manifest: ExperimentSnapshot = {
      ...{ format: 'hamlet-experiment/1', digest: digestOfFiles(files), created: new Date().toISOString() },
      ...{ experiment: key, version, definition, windows },
      columns: Object.fromEntries(columns.map(({ name, about }) => [name, about])),
      files,
    };
    await writeFile(join(partial, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    await rename(partial, join(root, key, manifest.digest)).catch((error: NodeJS.ErrnoException) => {
      // The folder is named by what is in it: the same report a moment ago has kept the same files.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    await forgetOld(join(root, key));
    return { ...report, snapshot: { digest: manifest.digest, files: Object.keys(files) } };
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function forgetOld(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{64}$/u.test(name));
  const dated = await Promise.all(
    names.map(async (name) => ({
      name,
      at: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0,
    })),
  );
  const old = dated.sort((a, b) => b.at - a.at).slice(KEPT);
  for (const { name } of old) await rm(join(folder, name), { recursive: true, force: true });
}
