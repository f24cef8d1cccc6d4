import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Compile } from 'typebox/compile';
import { SnapshotManifest } from '../../../schemas/sidecar.ts';
import { HamletError } from '../../errors.ts';
import { describeFile, digestOfFiles } from '../../models/index.ts';

const isManifest = Compile(SnapshotManifest);
const FILE_NAME = /^[a-z]+\.parquet$/;

/**
 * The manifest of a snapshot, once every file is what it says.
 * @throws HamletError `snapshot-unknown` (404), `digest-mismatch` (422)
 */
export async function readSnapshot(home: string, digest: string): Promise<SnapshotManifest> {
  const folder = join(home, 'artifacts/snapshots', digest);
  const text = await readFile(join(folder, 'manifest.json'), 'utf8').catch((error: Error) => {
    throw new HamletError('snapshot-unknown', 404, `no snapshot ${digest}`, { cause: error });
  });
  const manifest: unknown = parse(text);
  if (!isManifest.Check(manifest)) throw mismatch(digest, 'its manifest is not one');
  if (manifest.digest !== digest || digestOfFiles(manifest.files) !== digest)
    throw mismatch(digest, 'its manifest is of other files');
  for (const [name, file] of Object.entries(manifest.files)) {
    const path = join(folder, name);
    const plain = FILE_NAME.test(name) && (await lstat(path).catch(() => null))?.isFile();
    if (
      !plain ||
      JSON.stringify(await describeFile(path)) !== JSON.stringify({ sha256: file.sha256, bytes: file.bytes })
    )
      throw mismatch(digest, `${name} is not what its manifest says`);
  }
  return manifest;
}

const mismatch = (digest: string, reason: string) =>
  new HamletError('digest-mismatch', 422, `snapshot ${digest.slice(0, 12)} cannot be used: ${reason}`);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
