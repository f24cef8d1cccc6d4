import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KIND_CODE } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import type { Beside, Trainings } from '../trainings/index.ts';
import { offerShippedBase } from './base-model.ts';
import { addShipped, type ShippedLora } from './files.ts';
import { REFUSED_BECAUSE, WITH_CREATOR } from './rights.ts';
import { getSpace, type Space } from './space-rows.ts';

export const KIND = 'build-w2w-space';
/** Edits in it move further and drag less along than in the paper's `svd` (bench/w2w.md). */
export const METHOD = 'whole';
/** With fewer there is no plane to speak of; the sidecar refuses them too. */
const FEWEST = 3;

export type SpaceWish = {
  method?: 'whole' | 'svd' | 'attn_v' | 'attn_qv' | 'ff';
  k?: number;
  dimensions?: number;
  presence?: number;
  signs?: 'canonical' | 'raw';
  seed?: number;
  /** A folder under the artifacts, the id of a model on the hub, or `sd15`; absent = the one that ships. */
  base?: string;
  /** Ids of the models to take; absent = all that have a file. */
  models?: string[];
};
export type SpaceParts = {
  db: Database;
  home: string;
  trainings: Pick<Trainings, 'start'>;
  shipped: { lora: ShippedLora; base: string };
};
type Candidate = { ref: number; id: string; file: string; lineage: string; because: string | null };

/**
 * Queues the making of a space of every LoRA that may be in one.
 * @throws HamletError `models-unknown`, `base-missing`, `w2w-too-few` (422), `sidecar-unavailable` (503)
 */
export async function startSpace(parts: SpaceParts, { models, base, ...wish }: SpaceWish): Promise<Space> {
  const { db, home, trainings, shipped } = parts;
  await addShipped(db, home, shipped.lora);
  const candidates = await readCandidates(db, models);
  const members = candidates.filter(({ because }) => because === null);
  const leftOut = countBy(candidates.flatMap(({ because }) => because ?? []));
  if (members.length < FEWEST) throw tooFew(members.length, leftOut);
  const place = base ?? (await offerShippedBase(home, shipped.base));
  if (place === null)
    throw new HamletError('base-missing', 422, 'No diffusion model ships here: `base` has to name one.');
  const list = await writeMembers(home, members);
  const spec = { method: METHOD, ...wish, base: place, members: list };
  const training = await trainings.start(KIND, spec, remember(members, leftOut));
  return getSpace(db, training.id);
}

async function readCandidates(db: Database, models?: string[]): Promise<Candidate[]> {
  const rows = await query<Candidate>(
    db,
    `select i.ref, i.id, f.file, coalesce(i.attributes ->> 'modelId', i.id) as lineage, ${REFUSED_BECAUSE} as because
     from lora_files f join items i on i.ref = f.item_ref ${WITH_CREATOR}
     where i.kind = ${KIND_CODE.model} and ($1::text[] is null or i.id = any ($1)) order by i.ref`,
    [models ?? null],
  );
  const known = new Set(rows.map(({ id }) => id));
  const strange = models?.find((id) => !known.has(id));
  if (strange !== undefined)
    throw new HamletError('models-unknown', 422, `There is no model ${strange} with a file.`, {
      pointer: '/models',
    });
  return rows;
}

/** The list lies beside the artifacts under its own digest: the same LoRAs again are the same list. */
async function writeMembers(home: string, members: Candidate[]): Promise<string> {
  const text = JSON.stringify(members.map(({ id, file, lineage }) => ({ id, file, lineage })));
  const name = `w2w/members-${createHash('sha256').update(text).digest('hex').slice(0, 32)}.json`;
  const path = join(home, 'artifacts', name);
  await mkdir(join(home, 'artifacts/w2w'), { recursive: true });
  await writeFile(`${path}.partial-${process.pid}`, text, { flush: true });
  await rename(`${path}.partial-${process.pid}`, path);
  return name;
}

const remember =
  (members: Candidate[], leftOut: Record<string, number>): Beside =>
  async (client, id) => {
    await client.query('insert into w2w_spaces (id, left_out) values ($1, $2)', [
      id,
      JSON.stringify(leftOut),
    ]);
    await client.query('insert into w2w_space_members (space_id, item_ref) select $1, unnest($2::int[])', [
      id,
      members.map(({ ref }) => ref),
    ]);
  };

function tooFew(count: number, leftOut: Record<string, number>): HamletError {
  const why = Object.entries(leftOut).map(([reason, n]) => `${n} ${reason}`);
  const aside = why.length > 0 ? `; their rights keep out ${why.join(', ')}` : '';
  return new HamletError(
    'w2w-too-few',
    422,
    `A space needs ${FEWEST} LoRAs at least, and there are ${count}${aside}.`,
  );
}

function countBy(words: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
