import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { KIND_CODE } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import { describeFile, digestOfFiles } from '../models/index.ts';

/** Where the demo world's LoRA of that name ships; null = it has none. */
export type ShippedLora = (id: string) => string | null;
export type LoraRow = { id: string; file: string; sha256: string };

/** peft keeps alpha and more beside the weights. */
const BESIDE = 'adapter_config.json';

/**
 * Copies a LoRA's file to where sidecars see it, under its digest, and remembers it as the model's.
 * @throws HamletError `item-unknown` (404), `lora-missing` (422)
 */
export async function addLoraFile(db: Database, home: string, id: string, source: string): Promise<LoraRow> {
  const found = await stat(source).catch(() => null);
  if (!found?.isFile()) throw new HamletError('lora-missing', 422, `${basename(source)} is no file`);
  const lora = await describeFile(source);
  const config = join(dirname(source), BESIDE);
  const beside = await describeFile(config).catch(() => null);
  const digest = digestOfFiles({ lora, ...(beside && { config: beside }) });
  const folder = join('loras', digest.slice(0, 16));
  const file = join(folder, basename(source).replaceAll(/[^A-Za-z0-9._-]/g, '_'));
  if (beside) await copyOnce(config, join(home, 'artifacts', folder, BESIDE));
  await copyOnce(source, join(home, 'artifacts', file));
  const rows = await query<{ id: string }>(
    db,
    `insert into lora_files (item_ref, file, sha256)
     select ref, $2, $3 from items where kind = ${KIND_CODE.model} and id = $1 and status = 1
     on conflict (item_ref) do update set file = excluded.file, sha256 = excluded.sha256, added_at = now()
     returning item_ref`,
    [id, file, lora.sha256],
  );
  if (rows.length === 0) throw new HamletError('item-unknown', 404, `There is no model ${id}.`);
  return { id, file, sha256: lora.sha256 };
}

/** Models of the demo world whose file was not needed yet, or is no longer there: a restored home has none. */
export async function addShipped(db: Database, home: string, shipped: ShippedLora): Promise<void> {
  const rows = await query<{ id: string; file: string | null }>(
    db,
    `select i.id, f.file from items i left join lora_files f on f.item_ref = i.ref
     where i.kind = ${KIND_CODE.model} and i.status = 1 order by i.ref`,
    [],
  );
  for (const { id, file } of rows) {
    const source = shipped(id);
    if (source !== null && !(file !== null && (await isThere(join(home, 'artifacts', file)))))
      await addLoraFile(db, home, id, source);
  }
}

const isThere = async (path: string): Promise<boolean> => (await stat(path).catch(() => null)) !== null;

/** Under another name first: nobody reads half a file. */
async function copyOnce(source: string, target: string): Promise<void> {
  if (await isThere(target)) return;
  await mkdir(dirname(target), { recursive: true });
  const partial = `${target}.partial-${randomUUID()}`;
  await copyFile(source, partial);
  await rename(partial, target);
}
