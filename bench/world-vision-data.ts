import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import { worldSize } from '../seed/sizes.ts';
import { readShippedVectors } from '../seed/vectors/shipped.ts';
import { makeWorld, type World } from '../seed/world.ts';
import type { ItemKind } from '../src/catalog/types.ts';
import {
  describeFile,
  digestOfFiles,
  offerModel,
  offerShown,
  readClipFolder,
  shapeOf,
} from '../src/models/index.ts';
import { otherPeople } from './world-others.ts';
import { partOf } from './world-part.ts';
import { openWorldPictures } from './world-pictures.ts';

/**
 * What a training of towers gets of the demo world, without a database: a snapshot of its log, what its pictures look
 * like, and the CLIP that ships.
 *   node bench/world-vision-data.ts DIR image|model|log [SEED] [EVERY]     prints the fields of a spec
 * `log`: without pictures. SEED: other people, or 1. EVERY: one picture of so many, as if there were no others.
 */
const CLIP = join(import.meta.dirname, '../weights/clip');
const AT_ONCE = 512;

export async function main([folder, kind, people = '1', every = '1']: string[]): Promise<void> {
  const own = makeWorld(worldSize('full', 1));
  const world = partOf(people === '1' ? own : otherPeople(own, Number(people)), Number(every));
  await mkdir(folder!, { recursive: true });
  const snapshot = await snapshotOf(world, folder!);
  const pictures = kind === 'log' ? {} : await picturesOf(world, kind as ItemKind, folder!);
  console.log(JSON.stringify({ snapshot, ...pictures }));
}

async function snapshotOf(world: World, folder: string): Promise<string> {
  const shipped = (await readShippedVectors(world.items))!;
  const partial = join(folder, 'snapshots/partial');
  await mkdir(partial, { recursive: true });
  const numberOf = new Map(world.items.map(({ kind, id }, n) => [`${kind} ${id}`, n + 1]));
  const personOf = new Map(world.people.map(({ id }, n) => [id, n + 1]));
  const { events, items } = world;
  table(join(partial, 'events.parquet'), {
    user: ['INT32', events.map(({ userId }) => personOf.get(userId)!)],
    item: ['INT32', events.map(({ itemKind, itemId }) => numberOf.get(`${itemKind} ${itemId}`)!)],
    type: ['STRING', events.map(({ type }) => type)],
    at: ['TIMESTAMP', events.map(({ occurredAt }) => new Date(occurredAt))],
  });
  table(join(partial, 'items.parquet'), {
    item: ['INT32', items.map((_, n) => n + 1)],
    kind: ['STRING', items.map(({ kind }) => kind)],
    id: ['STRING', items.map(({ id }) => id)],
    tags: ['JSON', items.map(({ tags }) => tags ?? [])],
  });
  const seen = [...items.keys()].filter((n) => shipped.vectorOf(n) !== null);
  table(join(partial, 'vectors.parquet'), {
    item: ['INT32', seen.map((n) => n + 1)],
    vector: ['BYTES', seen.map((n) => new Uint8Array(shipped.vectorOf(n)!.buffer))],
  });
  const files: Record<string, { sha256: string; bytes: number }> = {};
  for (const name of ['events', 'items', 'vectors'])
    files[`${name}.parquet`] = await describeFile(join(partial, `${name}.parquet`));
  const digest = digestOfFiles(files);
  const counts = { events: events.length, items: items.length, users: world.people.length };
  const manifest = { format: 'hamlet-snapshot/1', digest, created: new Date(0).toISOString(), counts, files };
  await writeFile(join(partial, 'manifest.json'), JSON.stringify(manifest));
  await rename(partial, join(folder, 'snapshots', digest)).catch(() => {});
  return digest;
}

type Column = ['INT32' | 'STRING' | 'JSON' | 'TIMESTAMP' | 'BYTES', unknown[]];
const ELEMENT = {
  INT32: { type: 'INT32' },
  STRING: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  JSON: { type: 'BYTE_ARRAY', converted_type: 'JSON' },
  BYTES: { type: 'BYTE_ARRAY' },
  TIMESTAMP: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
} as const;

function table(file: string, columns: Record<string, Column>): void {
  const names = Object.keys(columns);
  const schema = names.map((name) => ({
    ...ELEMENT[columns[name]![0]],
    ...{ name, repetition_type: 'REQUIRED' as const },
  }));
  const parquet = new ParquetWriter({
    writer: fileWriter(file),
    schema: [{ name: 'root', num_children: names.length }, ...schema],
  });
  parquet.write({
    columnData: names.map((name) => ({ name, data: columns[name]![1] })),
    rowGroupSize: 2_000,
  });
  parquet.finish();
}

async function picturesOf(
  world: World,
  kind: ItemKind,
  folder: string,
): Promise<{ pixels: string[]; clip: string }> {
  const clip = await readClipFolder(CLIP);
  const shape = shapeOf(clip.preprocessing);
  const { readPictures, close } = openWorldPictures(world);
  const there = new Set([...world.pictures, ...world.cards].map(({ id }) => id));
  const refs = [...world.items.keys()]
    .filter((n) => world.items[n]!.kind === kind && there.has(world.items[n]!.id))
    .map((n) => n + 1);
  const pixels: string[] = [];
  for (let from = 0; from < refs.length; from += AT_ONCE) {
    const seen = await readPictures(refs.slice(from, from + AT_ONCE), shape);
    const shown = [...seen].map(([ref, [square]]) => ({ items: [ref], pixels: square! }));
    pixels.push(await offerShown(folder, clip, shown));
  }
  await close();
  return { pixels, clip: await offerModel(folder, clip) };
}

if (import.meta.main) await main(process.argv.slice(2));
