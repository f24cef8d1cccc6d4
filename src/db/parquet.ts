import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import type { PoolClient } from 'pg';

export type ParquetColumn = {
  name: string;
  type: keyof typeof ELEMENT;
  nullable?: true;
};
/** Columns in the order of the file; `sql` answers them by name. */
export type ParquetTable = { name: string; columns: ParquetColumn[]; sql: string };

/** In memory at a time, and in a row group: so many are written before anything else gets its turn. */
const CELLS = 120_000;
/** Vectors are larger than what else is in a cell. */
const CELLS_OF_BYTES = 64;

/** Streams a query into a Parquet file, through a cursor: memory does not grow with the log. */
export async function writeTable(
  client: PoolClient,
  { name, columns, sql }: ParquetTable,
  file: string,
  between: () => Promise<void> = async () => {},
): Promise<number> {
  const cells = columns.reduce((sum, { type }) => sum + (type === 'BYTES' ? CELLS_OF_BYTES : 1), 0);
  const most = Math.ceil(CELLS / cells);
  const schema = columns.map(({ name, type, nullable }) => ({
    ...ELEMENT[type]!,
    name,
    ...optional(nullable),
  }));
  const parquet = new ParquetWriter({
    writer: fileWriter(file),
    schema: [{ name: 'root', num_children: columns.length }, ...schema],
  });
  await client.query(`declare ${name}_rows no scroll cursor for ${sql}`);
  let rows = 0;
  for (;;) {
    const batch = (await client.query<Record<string, unknown>>(`fetch ${most} from ${name}_rows`)).rows;
    if (batch.length === 0) break;
    const columnData = columns.map((column) => ({
      name: column.name,
      data: batch.map((row) => row[column.name]),
    }));
    parquet.write({ columnData, rowGroupSize: most });
    rows += batch.length;
    await between();
  }
  await client.query(`close ${name}_rows`);
  parquet.finish();
  return rows;
}

const optional = (nullable?: true) => ({ repetition_type: nullable ? 'OPTIONAL' : 'REQUIRED' }) as const;

const ELEMENT = {
  INT32: { type: 'INT32' },
  DOUBLE: { type: 'DOUBLE' },
  BOOLEAN: { type: 'BOOLEAN' },
  STRING: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  JSON: { type: 'BYTE_ARRAY', converted_type: 'JSON' },
  BYTES: { type: 'BYTE_ARRAY' },
  TIMESTAMP: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
} as const;
