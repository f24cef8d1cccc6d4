import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Database } from '../db/index.ts';
import { artifactInvalid, putInPlace, readManifest, verifyArtifact } from './artifact.ts';
import { listArtifacts } from './registry.ts';

export type CopiedArtifacts = {
  copied: string[];
  lacking: { artifact: string; state: string; code: string }[];
};

/** Files of items, each under its digest, that stand nowhere else: imported pictures, LoRAs. */
const OF_ITEMS = ['pictures', 'loras'];

/**
 * Copies the folders of what is registered and not rejected, and the files of items; what is not on this machine, or damaged, is named
 * and does not stop the others.
 */
export async function backUpArtifacts(db: Database, home: string, folder: string): Promise<CopiedArtifacts> {
  const result: CopiedArtifacts = { copied: [], lacking: [] };
  for (const { kind, version, state } of await listArtifacts(db)) {
    if (state === 'rejected') continue;
    const artifact = `${kind}-${version}`;
    await copyArtifact(join(home, 'artifacts', artifact), join(folder, 'artifacts', artifact)).then(
      () => result.copied.push(artifact),
      ({ code }) => result.lacking.push({ artifact, state, code: String(code) }),
    );
  }
  await copyFilesOfItems(join(home, 'artifacts'), join(folder, 'files'));
  return result;
}

/** Puts back what such a folder has; what is there and the same stays. @throws HamletError `artifact-invalid` (422) */
export async function restoreArtifacts(folder: string, home: string): Promise<string[]> {
  const names = await readdir(join(folder, 'artifacts')).catch(() => []);
  for (const name of names) {
    const { kind, version } = await readManifest(join(folder, 'artifacts', name));
    if (name !== `${kind}-${version}`)
      throw artifactInvalid(name, `its folder must be named ${kind}-${version}`);
    await copyArtifact(join(folder, 'artifacts', name), join(home, 'artifacts', name));
  }
  await copyFilesOfItems(join(folder, 'files'), join(home, 'artifacts'));
  return names;
}

async function copyFilesOfItems(from: string, to: string): Promise<void> {
  for (const name of OF_ITEMS)
    if (existsSync(join(from, name)))
      await cp(join(from, name), join(to, name), { recursive: true, force: false });
}

/** Only the files the manifest names, checked where they arrive. */
async function copyArtifact(source: string, target: string): Promise<void> {
  const { files } = await readManifest(source);
  const partial = `${target}.partial-${randomUUID()}`;
  try {
    for (const name of ['manifest.json', ...Object.keys(files)]) {
      await mkdir(dirname(join(partial, name)), { recursive: true });
      await cp(join(source, name), join(partial, name));
    }
    await verifyArtifact(partial);
    await putInPlace(partial, target, files);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}
