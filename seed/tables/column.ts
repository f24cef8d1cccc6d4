import type { BasicType } from 'hyparquet-writer';

export type Column = { name: string; type: BasicType; nullable: true; data: unknown[] };

/** Columns of one table: what each takes out of a row; undefined becomes null. */
export const column =
  <Row>(rows: readonly Row[]) =>
  (name: string, type: BasicType, of: (row: Row) => unknown): Column => ({
    ...{ name, type, nullable: true },
    data: rows.map((row) => of(row) ?? null),
  });
