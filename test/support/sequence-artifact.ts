import { join } from 'node:path';
import { writeArtifact } from '../../src/models/index.ts';
import { writeTensor } from '../../src/models/safetensors.ts';
import {
  bytes,
  FLOAT,
  INT64,
  message,
  model,
  node,
  number,
  tensor,
  text,
  value,
} from '../../src/safety/pixels/onnx-writer.ts';

export type Planted = {
  version?: string;
  kind?: 'image' | 'model';
  /** How far on the next item is. */
  step?: number;
  contract?: string;
  parameters?: Record<string, number>;
  dataset?: string;
  /** Files in place of those that would be right. */
  files?: Record<string, Uint8Array>;
};

/**
 * A model of people who walk on around a ring of these ids: after item n comes n + step, then the two beyond it,
 * and all others are equal. Written to `artifacts` of a home.
 * @returns the folder
 */
export async function writeRingModel(home: string, ids: string[], planted: Planted = {}): Promise<string> {
  const { version = 'ring', kind = 'image', step = 1, contract = 'sasrec/1', dataset = 'ring' } = planted;
  const n = ids.length;
  const rows = Array.from({ length: n + 1 }, (_, item) => {
    const row = new Array<number>(n).fill(0);
    if (item > 0) for (const more of [0, 1, 2]) row[(item - 1 + step + more) % n] = 3 - more;
    return row;
  });
  const unit = Array.from({ length: n }, (_, c) => Float32Array.from({ length: n }, (_, d) => +(c === d)));
  const one = { type: 'int64', dims: [1, 1], data: [1] };
  const row = { type: 'float32', dims: [1, n] };
  const answers = [
    { model: 'encoder.onnx', inputs: { items: one }, outputs: { users: { ...row, data: rows[1]! } } },
  ];
  const folder = join(home, 'artifacts', `sasrec-${kind}-${version}`);
  await writeArtifact(
    folder,
    {
      ...{ kind: `sasrec-${kind}`, version, contract, dataset: { digest: dataset } },
      parameters: { length: 20, minStrength: 0, withheld: 2, ...planted.parameters },
    },
    {
      'encoder.onnx': lastItemsRow(rows),
      'answers.json': Buffer.from(JSON.stringify(answers)),
      'items.json': Buffer.from(JSON.stringify(ids)),
      'items.safetensors': writeTensor('vectors', {
        ...{ dtype: 'F32' as const, shape: [n, n] },
        data: Buffer.concat(unit.map((vector) => Buffer.from(vector.buffer))),
      }),
      ...planted.files,
    },
  );
  return folder;
}

/** Looks up the row of the newest item. */
function lastItemsRow(rows: number[][]): Uint8Array {
  const last = Buffer.alloc(8);
  last.writeBigInt64LE(-1n);
  return model(
    [
      node('Gather', ['items', 'last'], 'newest', { axis: 1 }),
      node('Gather', ['rows', 'newest'], 'users', { axis: 0 }),
    ],
    [tensor('rows', rows), message(number(2, INT64), text(8, 'last'), bytes(9, last))],
    [value('items', INT64, ['batch', 'length'])],
    [value('users', FLOAT, ['batch', rows[0]!.length])],
  );
}
