import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { badInput } from '../errors.ts';
import type { Experiments } from '../experiments/index.ts';

/** Makes a report and puts it, its data and their manifest into a folder of the caller's. */
export async function saveSnapshot(
  experiments: Pick<Experiments, 'report' | 'snapshot' | 'snapshotFile'>,
  key: string,
  version: number | undefined,
  out: string,
) {
  const found = await experiments.report(key, version);
  if (found.mode === 'interleaving' || found.snapshot === null)
    throw badInput('option-invalid', `${key} interleaves: its report keeps no snapshot.`);
  const { digest, files } = found.snapshot;
  await mkdir(out).catch((error: Error) => {
    throw badInput('option-invalid', `--out: ${error.message}`);
  });
  const manifest = await experiments.snapshot(key, digest);
  for (const name of files) {
    const { stream } = await experiments.snapshotFile(key, digest, name);
    await pipeline(stream, createWriteStream(join(out, name)));
  }
  await writeFile(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return { out, digest, files };
}
