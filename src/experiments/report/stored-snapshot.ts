import { createReadStream } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Compile } from 'typebox/compile';
import { ExperimentSnapshot } from '../../../schemas/experiment-snapshot.ts';
import { HamletError } from '../../errors.ts';

const isManifest = Compile(ExperimentSnapshot);
const DIGEST = /^[0-9a-f]{64}$/u;

/** @throws HamletError `snapshot-unknown` (404) */
export async function readManifest(root: string, key: string, digest: string): Promise<ExperimentSnapshot> {
  if (!DIGEST.test(digest)) throw unknown();
  const text = await readFile(join(root, key, digest, 'manifest.json'), 'utf8').catch(() => {
    throw unknown();
  });
  const manifest: unknown = JSON.parse(text);
  if (!isManifest.Check(manifest) || manifest.digest !== digest) throw unknown();
  return manifest;
}

/** A file that the manifest names, and no other. @throws HamletError `snapshot-unknown` (404) */
export async function openFile(
  ...[root, key, digest, name]: [root: string, key: string, digest: string, name: string]
): Promise<{ bytes: number; stream: Readable }> {
  const { files } = await readManifest(root, key, digest);
  if (!Object.hasOwn(files, name)) throw unknown();
  const path = join(root, key, digest, name);
  const found = await lstat(path).catch(() => null);
  if (!found?.isFile()) throw unknown();
  return { bytes: found.size, stream: createReadStream(path) };
}

const unknown = () =>
  new HamletError(
    'snapshot-unknown',
    404,
    'There is no such snapshot here: only the newest are kept, where the report was made.',
  );
