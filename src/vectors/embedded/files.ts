import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { CollectionSpec } from '../port.ts';
import { Collection } from './collection.ts';
import { PointTable, type TableColumns } from './point-table.ts';
import { VectorSpace } from './space.ts';

/**
 * A collection on disk: `manifest.json` names a numbered folder and the size and sha256 of every file
 * in it. A save writes the next folder and then replaces the manifest, so a crash leaves the old state.
 */
type Manifest = {
  format: 1;
  spec: CollectionSpec;
  generation: number;
  files: Record<string, { bytes: number; sha256: string }>;
};
type SavedPoints = { columns: TableColumns; has: Record<string, Uint8Array> };

const POINTS = 'points.bin';

/** Call in the collection's turn: nothing may be written to it meanwhile. */
export async function saveCollection(folder: string, collection: Collection): Promise<void> {
  const { table, spaces, spec } = collection;
  const generation = ((await readManifest(folder).catch(() => undefined))?.generation ?? 0) + 1;
  const into = join(folder, String(generation));
  await rm(into, { recursive: true, force: true });
  await mkdir(into, { recursive: true });

  const has = Object.fromEntries([...spaces].map(([name, space]) => [name, space.has]));
  await writeDurably(join(into, POINTS), serialize({ columns: table.columns(), has } satisfies SavedPoints));
  for (const [name, space] of spaces) {
    await writeDurably(join(into, `${name}.f32`), space.matrix.bytes(table.size));
    if (space.graph.size > 0) space.graph.save(join(into, `${name}.usearch`));
  }
  const files: Manifest['files'] = {};
  for (const name of await readdir(into)) {
    await syncFile(join(into, name));
    files[name] = await describe(join(into, name));
  }
  await syncFile(into);
  const manifest: Manifest = { format: 1, spec, generation, files };
  await replaceJson(folder, 'manifest.json', manifest);
  for (const name of await readdir(folder))
    if (name !== 'manifest.json' && name !== String(generation))
      await rm(join(folder, name), { recursive: true, force: true });
}

/** @throws Error that says which file is missing or does not match its manifest */
export async function loadCollection(folder: string, name: string): Promise<Collection> {
  const { spec, files, generation } = await readManifest(folder);
  const from = join(folder, String(generation));
  for (const [file, expected] of Object.entries(files)) {
    const found = await describe(join(from, file));
    if (found.bytes !== expected.bytes || found.sha256 !== expected.sha256)
      throw new Error(`${file} does not match its manifest`);
  }
  const saved = deserialize(await readFile(join(from, POINTS))) as SavedPoints;
  const spaces = new Map<string, VectorSpace>();
  for (const [space, dims] of Object.entries(spec.spaces)) {
    const vectors = new VectorSpace(dims, saved.has[space]);
    vectors.matrix.bytes(saved.columns.size).set(await readFile(join(from, `${space}.f32`)));
    if (files[`${space}.usearch`]) vectors.graph.load(join(from, `${space}.usearch`));
    spaces.set(space, vectors);
  }
  return new Collection(name, spec, PointTable.from(saved.columns), spaces);
}

/** Writes beside, syncs, renames over: readers see the old text or the new, whole. */
export async function replaceJson(folder: string, name: string, value: unknown): Promise<void> {
  const beside = join(folder, `${name}.${process.pid}.new`);
  await writeDurably(beside, JSON.stringify(value, null, 1));
  await rename(beside, join(folder, name));
  await syncFile(folder);
}

async function readManifest(folder: string): Promise<Manifest> {
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  if (manifest.format !== 1) throw new Error('manifest.json is of another format');
  return manifest;
}

async function describe(path: string): Promise<{ bytes: number; sha256: string }> {
  const digest = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
    digest.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: digest.digest('hex') };
}

async function writeDurably(path: string, data: Uint8Array | string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
