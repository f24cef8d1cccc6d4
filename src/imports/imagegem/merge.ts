import type { ItemInput } from '../../catalog/types.ts';
import { type Database, query } from '../../db/index.ts';

/**
 * Rows of one item may lie anywhere in the file, so they are merged with what is stored, a batch at a time:
 * the tables are read once at constant memory, and reading them again changes nothing.
 */

const withModels = (image: ItemInput, more: string[]): ItemInput => ({
  ...image,
  modelIds: [...new Set([...(image.modelIds ?? []), ...more])].sort(),
});
const isPrimary = (model: ItemInput) => model.attributes?.primary === true;

/** An image keeps what its first row says and gathers models; of a model's files the primary one speaks. */
export function mergeRows(earlier: ItemInput, later: ItemInput): ItemInput {
  if (earlier.kind === 'image') return withModels(earlier, later.modelIds ?? []);
  return isPrimary(later) && !isPrimary(earlier) ? later : earlier;
}

/** Looks at what is stored; null for an item that is to stay as it is. */
export async function completeItems(
  db: Pick<Database, 'pool'>,
  items: ItemInput[],
): Promise<(ItemInput | null)[]> {
  const models = await storedFiles(
    db,
    items.filter((item) => item.kind === 'model' && !isPrimary(item)),
  );
  const gathered = await storedModelIds(
    db,
    items.filter(({ kind }) => kind === 'image'),
  );
  const merged = items.map((item) => {
    if (item.kind === 'image') return withModels(item, gathered.get(item.id) ?? []);
    const file = models.get(item.id);
    return isPrimary(item) || file === undefined || file === item.attributes?.fileId ? item : null;
  });
  const uploaders = await creatorsOf(
    db,
    merged.flatMap((item) => (item?.kind === 'image' ? (item.modelIds ?? []) : [])),
  );
  // A model of this very batch is not stored yet.
  for (const item of items)
    if (item.kind === 'model' && item.creatorId !== undefined) uploaders.set(item.id, item.creatorId);
  return merged.map((item) => (item?.kind === 'image' ? withRole(item, uploaders) : item));
}

/** Images by the uploader of one of their models show that model off; the others are what people made with it. */
const withRole = (image: ItemInput, uploaders: Map<string, string>): ItemInput => ({
  ...image,
  role: image.modelIds?.some((id) => image.creatorId !== undefined && uploaders.get(id) === image.creatorId)
    ? 'showcase'
    : 'historical',
});

/** Which file a stored model version was described by. */
const storedFiles = (db: Pick<Database, 'pool'>, models: ItemInput[]) =>
  lookUp<string | null>(
    db,
    `select id, attributes ->> 'fileId' as found from items where kind = 2 and status = 1 and id = any($1)`,
    models.map(({ id }) => id),
  );

const storedModelIds = (db: Pick<Database, 'pool'>, images: ItemInput[]) =>
  lookUp<string[]>(
    db,
    `select i.id, array(select m.id from items m where m.ref = any(i.model_refs)) as found
     from items i where i.kind = 1 and i.status = 1 and i.id = any($1)`,
    images.map(({ id }) => id),
  );

const creatorsOf = (db: Pick<Database, 'pool'>, modelIds: string[]) =>
  lookUp<string>(
    db,
    `select m.id, u.id as found from items m join users u on u.ref = m.creator_ref
     where m.kind = 2 and m.id = any($1)`,
    [...new Set(modelIds)],
  );

async function lookUp<Found>(
  db: Pick<Database, 'pool'>,
  text: string,
  ids: string[],
): Promise<Map<string, Found>> {
  if (ids.length === 0) return new Map();
  const rows = await query<{ id: string; found: Found }>(db, text, [ids]);
  return new Map(rows.map(({ id, found }) => [id, found]));
}
