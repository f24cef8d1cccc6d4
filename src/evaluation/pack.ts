import type { InteractionLog } from '../models/item-graph/types.ts';

export type Row = { columns: ArrayLike<number>; times?: ArrayLike<number> };

/** Histories as training sees them: every interaction counts 1, and where there are no times steps stand for them. */
export function packLog(rows: Row[], items: number): InteractionLog {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach(({ columns }, user) => {
    offsets[user + 1] = offsets[user]! + columns.length;
  });
  const columns = new Int32Array(offsets[rows.length]!);
  const times = new Float64Array(columns.length);
  rows.forEach((row, user) => {
    columns.set(row.columns, offsets[user]!);
    for (let step = 0; step < row.columns.length; step++)
      times[offsets[user]! + step] = row.times === undefined ? step : row.times[step]!;
  });
  return {
    items: Int32Array.from({ length: items }, (_, column) => column + 1),
    users: rows.length,
    offsets,
    columns,
    strengths: new Float32Array(columns.length).fill(1),
    times,
    syntheticTime: rows.every((row) => row.times === undefined),
  };
}
