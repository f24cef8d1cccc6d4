import type { Catalog } from '../catalog/index.ts';
import { type Database, query } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import { type Looks, looksOf, madeWith } from './looks.ts';
import { REFUSED_BECAUSE, WITH_CREATOR } from './rights.ts';

export type Member = { ref: number; id: string; tags: string[] };

/** LoRAs of a space, in its order. */
export const membersOf = (db: Database, spaceId: string): Promise<Member[]> =>
  query<Member>(
    db,
    `select i.ref, i.id, i.tags from w2w_space_members m join items i on i.ref = m.item_ref
     where m.space_id = $1 order by i.ref`,
    [spaceId],
  );

/** What CLIP sees the members do: in their own pictures, and in those that people made with them. */
export async function membersSeen(
  { db, catalog }: { db: Database; catalog: Pick<Catalog, 'vectors'> },
  members: readonly Member[],
): Promise<Looks> {
  const made = await madeWith(
    db,
    members.map(({ ref }) => ref),
  );
  const pictures = made.map(({ picture }) => picture);
  const vectors = await catalog.vectors('clip', [
    ...new Set([...members.map(({ ref }) => ref), ...pictures]),
  ]);
  const byModel = Map.groupBy(made, ({ model }) => model);
  return looksOf(
    members.map(({ ref, id }) => ({
      ...{ id, own: vectors.get(ref) },
      made: (byModel.get(ref) ?? []).flatMap(({ picture }) => vectors.get(picture) ?? []),
    })),
  );
}

/**
 * The file of a LoRA that something may be made of.
 * @throws HamletError `lora-unknown` (404), `lora-refused` (422)
 */
export async function usableLora(db: Database, id: string): Promise<{ lora: string; file: string }> {
  const [row] = await query<{ file: string; because: string | null }>(
    db,
    `select f.file, ${REFUSED_BECAUSE} as because
     from lora_files f join items i on i.ref = f.item_ref ${WITH_CREATOR} where i.id = $1`,
    [id],
  );
  if (row === undefined) throw new HamletError('lora-unknown', 404, `There is no LoRA ${id} with a file.`);
  if (row.because !== null)
    throw new HamletError('lora-refused', 422, `Nothing may be made of ${id}: ${row.because}.`);
  return { lora: id, file: row.file };
}
