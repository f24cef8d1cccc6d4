import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { describeFile, digestOfFiles } from '../models/index.ts';

export const SHIPPED = resolve(import.meta.dirname, '../../weights');

/**
 * A copy of a model under the artifacts, which is all that a sidecar sees, named by its digest.
 * @returns name of the folder, or of the file
 */
export async function offerModel(home: string, path: string): Promise<string> {
  const name = `${basename(path).replace(/\.safetensors$/u, '')}-${await digestOf(path)}`;
  const target = join(home, 'artifacts', (await stat(path)).isFile() ? `${name}.safetensors` : name);
  if (!existsSync(target)) {
    const partial = `${target}.partial-${process.pid}`;
    await cp(path, partial, { recursive: true });
    await rename(partial, target).catch(() => rm(partial, { recursive: true, force: true }));
  }
  return basename(target);
}

async function digestOf(path: string): Promise<string> {
  if ((await stat(path)).isFile()) return (await describeFile(path)).sha256.slice(0, 12);
  const names = (await readdir(path, { recursive: true, withFileTypes: true })).filter((f) => f.isFile());
  const files = await Promise.all(
    names.map(async (file) => {
      const full = join(file.parentPath, file.name);
      return [full.slice(path.length), await describeFile(full)] as const;
    }),
  );
  return createHash('sha256')
    .update(digestOfFiles(Object.fromEntries(files)))
    .digest('hex')
    .slice(0, 12);
}
