import { basename } from 'node:path';
import type { Database } from '../../db/index.ts';
import { openParquet, type ParquetRow } from '../parquet/reader.ts';
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

const damaged = (detail: string): Outcome => ({ reject: { code: 'parquet-damaged', detail } });

/** All files are opened before a row is read: a broken second one is known at once. */
async function* readTables(tables: Table[], after: number): AsyncGenerator<Chunk> {
  const sizes: number[] = [];
  for (const { path, columns } of tables) {
    const file = await openParquet(path, columns);
    sizes.push(file.rows);
    await file.close();
  }
  const total = Math.max(
    1,
    sizes.reduce((sum, rows) => sum + rows, 0),
  );
  let before = 0;
  for (const [index, { path, columns, read }] of tables.entries()) {
    const rows = sizes[index]!;
    if (after < before + rows) {
      const file = await openParquet(path, columns, Math.max(0, after - before));
      for await (const batch of file.batches()) {
        const outcomes =
          'rows' in batch ? batch.rows.map(read) : Array(batch.damaged).fill(damaged(batch.reason));
        const steps = outcomes.map((outcome, n): Step => {
          const line = batch.first + n + 1;
          return { row: before + line, line, ...outcome };
        });
        yield { file: basename(path), steps, fraction: (before + batch.first + steps.length) / total };
      }
    }
    before += rows;
  }
}
