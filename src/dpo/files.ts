import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { HamletError } from '../errors.ts';
import { readManifest } from '../models/index.ts';

const NAME = /^dpo-(?:pairs|adapter)-[A-Za-z0-9._-]{1,100}$/u;
export type FileStream = { bytes: number | null; stream: Readable };

/** A file of a set of pairs or of an adapter, if its manifest names it. @throws HamletError `file-unknown` (404) */
export async function openFile(home: string, artifact: string, file: string): Promise<FileStream> {
  const unknown = new HamletError('file-unknown', 404, 'No such artifact, or it has no such file.');
  if (!NAME.test(artifact)) throw unknown;
  const folder = join(home, 'artifacts', artifact);
  const manifest = await readManifest(folder).catch(() => null);
  const known = file === 'manifest.json' ? { bytes: null } : manifest?.files[file];
  if (manifest === null || known === undefined) throw unknown;
  return { bytes: known.bytes, stream: createReadStream(join(folder, file)) };
}
