import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** As a manifest names a file. */
export type DescribedFile = { sha256: string; bytes: number };

/** Of the names and digests of its files, in order of name. */
export const digestOfFiles = (files: Record<string, DescribedFile>): string => {
  const lines = Object.entries(files).map(([name, { sha256 }]) => `${name} ${sha256}\n`);
  return createHash('sha256').update(lines.sort().join('')).digest('hex');
};

export async function describeFile(path: string): Promise<DescribedFile> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return { sha256: hash.digest('hex'), bytes: (await stat(path)).size };
}
