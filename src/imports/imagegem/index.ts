import { basename } from 'node:path';
import type { Database } from '../../db/index.ts';
import { openParquet, type ParquetBatch, type ParquetFile, type ParquetRow } from '../parquet/reader.ts';
import type { Outcome } from '../text-rows.ts';
import type { Chunk, Source, Step } from '../types.ts';
import { IMAGE_COLUMNS, readImage } from './image.ts';
import { completeItems, mergeRows } from './merge.ts';
import { MODEL_COLUMNS, readModel } from './model.ts';

export type ImagegemOptions = { images?: string; models?: string };
type Table = {
  path: string;
  columns: { required: string[]; optional: string[] };
  read(row: ParquetRow): Outcome;
};

/** ImageGem's tables (arXiv 2510.18433). Models come first, so that an image's role can be told from its models. */
export async function openImagegem(options: ImagegemOptions, db: Pick<Database, 'pool'>): Promise<Source> {
  const tables: Table[] = [];
  if (options.models) tables.push({ path: options.models, columns: MODEL_COLUMNS, read: readModel });
  if (options.images) tables.push({ path: options.images, columns: IMAGE_COLUMNS, read: readImage });
  return {
    kind: 'imagegem',
    files: tables.map(({ path }) => path),
    read: (after) => readTables(tables, after),
    merge: mergeRows,
    complete: (items) => completeItems(db, items),
  };
}

/** All files are opened before a row is read: a broken second one is known at once. */
async function* readTables(tables: Table[], after: number): AsyncGenerator<Chunk> {
  const opened: { table: Table; file: ParquetFile; before: number }[] = [];
  let total = 0;
  try {
    for (const table of tables) {
      const file = await openParquet(table.path, table.columns, Math.max(0, after - total));
      opened.push({ table, file, before: total });
      total += file.rows;
    }
    for (const { table, file, before } of opened) {
      if (after >= before + file.rows) continue;
      for await (const batch of file.batches()) {
        const steps = outcomesOf(batch, table).map((outcome, n): Step => {
          const line = batch.first + n + 1;
          return { row: before + line, line, ...outcome };
        });
        const fraction = (before + batch.first + steps.length) / Math.max(1, total);
        yield { file: basename(table.path), steps, fraction };
      }
    }
  } finally {
    await Promise.all(opened.map(({ file }) => file.close()));
  }
}

function outcomesOf(batch: ParquetBatch, { read }: Table): Outcome[] {
  if ('rows' in batch) return batch.rows.map(read);
  return Array(batch.damaged).fill({ reject: { code: 'parquet-damaged', detail: batch.reason } });
}
