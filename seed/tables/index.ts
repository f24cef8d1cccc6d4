import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import type { World } from '../world.ts';
import type { Column } from './column.ts';
import { imageTable } from './images.ts';
import { modelTable } from './models.ts';

export type ExportReport = Record<'images' | 'models', { file: string; rows: number; columns: number }>;

/** The world as the two tables that ImageGem is published in; `hamlet import imagegem` takes them in. */
export async function exportTables(world: World, folder: string): Promise<ExportReport> {
  await mkdir(folder, { recursive: true });
  return {
    images: write(imageTable(world), join(folder, 'images.parquet')),
    models: write(modelTable(world), join(folder, 'models.parquet')),
  };
}

function write(columnData: Column[], filename: string) {
  parquetWriteFile({ filename, columnData });
  return { file: filename, rows: columnData[0]!.data.length, columns: columnData.length };
}
