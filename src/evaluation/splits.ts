import type { InteractionLog } from '../models/item-graph/types.ts';
import type { Sequences } from './sequences.ts';

/** What a recommender may learn from, and what it is then asked. Columns are those of the sequences. */
export type Split = {
  /** Item of column c has ref c + 1. One row a user who is asked about, in the order of `targets`. */
  training: InteractionLog;
  /** Row u of `training` is the history; `targets[u]` is what came next. */
  targets: Int32Array;
  /** Index in the sequences' users of each row. */
  users: Int32Array;
  /** Users whose history is too short to hide something and leave something. */
  tooShort: number;
};

/**
 * Leave-one-out: the last item of each user is hidden, all before it is history. On `validation` the last but
 * one is hidden and the last is not looked at: choices are made there, so that the test stays unseen.
 */
export function leaveOneOut(sequences: Sequences, part: 'test' | 'validation' = 'test'): Split {
  const withheld = part === 'test' ? 1 : 2;
  const rows: Int32Array[] = [];
  const targets: number[] = [];
  const users: number[] = [];
  for (let user = 0; user < sequences.users.length; user++) {
    const row = sequences.columns.subarray(sequences.offsets[user]!, sequences.offsets[user + 1]!);
    if (row.length <= withheld) continue;
    rows.push(row.subarray(0, row.length - withheld));
    targets.push(row[row.length - withheld]!);
    users.push(user);
  }
  return {
    training: logOf(rows, sequences.items.length),
    targets: Int32Array.from(targets),
    users: Int32Array.from(users),
    tooShort: sequences.users.length - rows.length,
  };
}

/** Every interaction counts 1, and steps stand for times. */
function logOf(rows: Int32Array[], items: number): InteractionLog {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, user) => {
    offsets[user + 1] = offsets[user]! + row.length;
  });
  const columns = new Int32Array(offsets[rows.length]!);
  const times = new Float64Array(columns.length);
  rows.forEach((row, user) => {
    columns.set(row, offsets[user]!);
    for (let step = 0; step < row.length; step++) times[offsets[user]! + step] = step;
  });
  return {
    items: Int32Array.from({ length: items }, (_, column) => column + 1),
    users: rows.length,
    offsets,
    columns,
    strengths: new Float32Array(columns.length).fill(1),
    times,
    syntheticTime: true,
  };
}
