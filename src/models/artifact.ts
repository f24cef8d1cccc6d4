import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { HamletError } from '../errors.ts';
import { refusePickle } from './pickle.ts';

/** Everything trained or built is a folder of files and this, its `manifest.json`. */
export type Manifest = {
  kind: string;
  version: string;
  /** Name and revision of what the files hold and how they are read. */
  contract: string;
  /** ISO 8601. */
  created: string;
  /** Of the code that made it, and the seeds it was made with; what the sidecar makes has both. */
  commit?: string;
  seeds?: number[];
  /** What it was made from and how. */
  dataset: Record<string, string | number>;
  parameters: Record<string, string | number>;
  files: Record<string, { sha256: string; bytes: number }>;
};

const NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/i;
const LARGEST_MANIFEST = 1 << 20;

export const artifactInvalid = (folder: string, reason: string, cause?: unknown) =>
  new HamletError('artifact-invalid', 422, `artifact ${basename(folder)} cannot be used: ${reason}`, {
    cause,
  });

/** Kinds, versions and file names: letters, digits, `.`, `_`, `-`; never a path. */
export const isPlainName = (name: unknown): name is string => typeof name === 'string' && NAME.test(name);

/** A file's name may have folders, each of them plain. */
const isPlainPath = (path: string): boolean => path.split('/').every(isPlainName);

/**
 * Writes a folder that is either whole or not there: files go to disk under another name, then one rename.
 * A whole folder with the same files stays, since somebody may be reading it; any other one is replaced.
 */
export async function writeArtifact(
  folder: string,
  manifest: Omit<Manifest, 'files' | 'created'>,
  files: Record<string, Uint8Array>,
): Promise<Manifest> {
  const partial = `${folder}.partial-${randomUUID()}`;
  await mkdir(partial, { recursive: true });
  try {
    const listed: Manifest['files'] = {};
    for (const [name, bytes] of Object.entries(files)) {
      await mkdir(dirname(join(partial, name)), { recursive: true });
      await writeFile(join(partial, name), bytes, { flush: true });
      listed[name] = { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
    }
    const whole = { ...manifest, created: new Date().toISOString(), files: listed };
    await writeFile(join(partial, 'manifest.json'), `${JSON.stringify(whole, null, 2)}\n`, { flush: true });
    return (await putInPlace(partial, folder, listed)) ?? whole;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

/** Others may be writing the same folder: a rename either takes an empty place or finds who was quicker. */
export async function putInPlace(
  partial: string,
  folder: string,
  files: Manifest['files'],
): Promise<Manifest | undefined> {
  for (;;) {
    const taken = await rename(partial, folder).then(
      () => false,
      (error: NodeJS.ErrnoException) => isTaken(error) || Promise.reject(error),
    );
    if (!taken) return undefined;
    const there = await verifyArtifact(folder).catch(() => null);
    if (there !== null && isDeepStrictEqual(there.files, files)) {
      await rm(partial, { recursive: true, force: true });
      return there;
    }
    const aside = `${folder}.replaced-${randomUUID()}`;
    await rename(folder, aside).catch(() => {});
    await rm(aside, { recursive: true, force: true });
  }
}

const isTaken = ({ code = '' }: NodeJS.ErrnoException) => ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(code);

/** @throws HamletError `artifact-invalid` (422) when there is none or it is not one. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, 'manifest.json');
  let parsed: unknown;
  try {
    if ((await stat(path)).size > LARGEST_MANIFEST) throw new Error('it is larger than 1 MiB');
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw artifactInvalid(folder, `manifest.json cannot be read (${(error as Error).message})`, error);
  }
  if (!isManifest(parsed)) throw artifactInvalid(folder, 'manifest.json lacks what a manifest has');
  return parsed;
}

/**
 * Reads the manifest and compares every file it names with its length and digest.
 * @throws HamletError `artifact-invalid` (422) with the first difference, `artifact-pickle` (422).
 */
export async function verifyArtifact(folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  for (const [name, { sha256, bytes }] of Object.entries(manifest.files)) {
    const path = join(folder, name);
    const size = await lstat(path).then(
      (found) => (found.isFile() ? found.size : -1),
      () => -1,
    );
    if (size !== bytes) throw artifactInvalid(folder, `${name} is missing or not ${bytes} bytes long`);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    if (hash.digest('hex') !== sha256) throw artifactInvalid(folder, `${name} differs from its digest`);
    await refusePickle(path, name);
  }
  return manifest;
}

/** The figures a verified artifact brings. @throws HamletError `artifact-invalid` (422) */
export async function readMetrics(folder: string): Promise<Record<string, unknown>> {
  const metrics: unknown = await readFile(join(folder, 'metrics.json'), 'utf8')
    .then(JSON.parse)
    .catch((error: Error) => {
      throw artifactInvalid(folder, `metrics.json cannot be read (${error.message})`, error);
    });
  if (!isRecord(metrics)) throw artifactInvalid(folder, 'metrics.json is not an object');
  return metrics;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isFile = (value: unknown): boolean =>
  isRecord(value) &&
  typeof value.sha256 === 'string' &&
  /^[0-9a-f]{64}$/.test(value.sha256) &&
  Number.isSafeInteger(value.bytes) &&
  (value.bytes as number) >= 0;

const isManifest = (value: unknown): value is Manifest =>
  isRecord(value) &&
  isPlainName(value.kind) &&
  isPlainName(value.version) &&
  typeof value.contract === 'string' &&
  typeof value.created === 'string' &&
  isRecord(value.dataset) &&
  isRecord(value.parameters) &&
  isRecord(value.files) &&
  Object.entries(value.files).every(([name, file]) => isPlainPath(name) && isFile(file));
