import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalog } from '../catalog/index.ts';
import type { ItemRef } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';
import { readTensor } from '../models/index.ts';
import { listSpaces, type Space } from './space-rows.ts';

/**
 * Where LoRAs lie in the space that is in force, as the named vector `w2w` of models: their first coordinates, which
 * vary most. A space with fewer dimensions has zeros behind, which changes no cosine.
 */
export const PLACE_SPACES = { w2w: 128 } as const;
const DIMS = PLACE_SPACES.w2w;

/** Spaces of before had no other default than svd. */
const OF_ALL_LAYERS = new Set<unknown>(['whole', 'svd', undefined]);

type Parts = { db: Database; home: string; catalog: Pick<Catalog, 'storeMeasured' | 'forgetOthers'> };

/**
 * Brings the models' vectors in line with the space in force: the largest one of all layers that is ready, of equally
 * large ones one of svd (its coordinates say more of what people take next, bench/w2w-spaces.md), then the newest. Without one (stale, its files gone) no model keeps a place.
 * @returns the artifact in force, or null.
 */
export async function placeLoras({ db, home, catalog }: Parts): Promise<string | null> {
  const spaces = (await listSpaces(db)).filter(
    ({ state, spec, artifact }) => state === 'ready' && artifact !== null && OF_ALL_LAYERS.has(spec.method),
  );
  const [space] = spaces.sort(
    (a, b) => b.members - a.members || Number(b.spec.method !== 'whole') - Number(a.spec.method !== 'whole'),
  );
  const places = space && (await placesIn(home, space).catch(() => null));
  const known = await query<{ source: string }>(
    db,
    "select distinct source from item_vectors where space = 'w2w'",
    [],
  );
  const artifact = places ? space!.artifact! : null;
  if (known.length === (artifact === null ? 0 : 1) && (artifact === null || known[0]!.source === artifact))
    return artifact;
  if (artifact !== null)
    await catalog.storeMeasured('w2w', artifact, await vectorsOf(db, space!.id, places!));
  await catalog.forgetOthers('w2w', artifact ?? '');
  return artifact;
}

type Places = Map<string, Float32Array>;

/** @throws when its files are gone or broken */
async function placesIn(home: string, { artifact }: Space): Promise<Places> {
  const folder = join(home, 'artifacts', artifact!);
  const { members } = JSON.parse(await readFile(join(folder, 'space.json'), 'utf8')) as { members: string[] };
  return coordinatesIn(await readFile(join(folder, 'space.safetensors')), members);
}

/** Coordinates of each member, unit length, DIMS of them. */
export function coordinatesIn(file: Buffer, members: readonly string[]): Places {
  const { shape, data } = readTensor(file, 'coordinates');
  const numbers = new Float32Array(Uint8Array.from(data).buffer);
  const width = shape[1] ?? 0;
  return new Map(
    members.map((id, row) => [
      id,
      placed(numbers.subarray(row * width, row * width + Math.min(width, DIMS))),
    ]),
  );
}

function placed(coordinates: Float32Array): Float32Array {
  const place = new Float32Array(DIMS);
  const length = Math.hypot(...coordinates) || 1;
  for (const [d, value] of coordinates.entries()) place[d] = value / length;
  return place;
}

/** One at the very mean has no direction, and no place. */
async function vectorsOf(db: Database, spaceId: string, places: Places) {
  const members = await query<{ ref: ItemRef; id: string; url: string }>(
    db,
    `select i.ref, i.id, i.url from w2w_space_members m join items i on i.ref = m.item_ref where m.space_id = $1`,
    [spaceId],
  );
  return members.flatMap(({ ref, id, url }) => {
    const vector = places.get(id);
    return vector?.some((value) => value !== 0) ? [{ ref, url, vector }] : [];
  });
}
