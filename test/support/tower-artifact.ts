import { join } from 'node:path';
import { writeArtifact } from '../../src/models/index.ts';
import {
  bytes,
  FLOAT,
  floats,
  INT64,
  message,
  model,
  node,
  number,
  text,
  value,
} from '../../src/safety/pixels/onnx-writer.ts';

export type PlantedTowers = {
  version?: string;
  kind?: 'image' | 'model';
  /** How far on the item that is wanted is. */
  step?: number;
  contract?: string;
  dataset?: string;
  parameters?: Record<string, number | string>;
  files?: Record<string, Uint8Array>;
  /** Without an item tower nothing is known of new items. */
  content?: boolean;
  /** Content alone: no item has vectors of its own, and the last places of content are whether it has these tags. */
  tags?: string[];
};

/**
 * Towers of people who want the item n + step on a ring of these ids, after their newest one. Content vectors are as
 * long as the ring: the content e_n makes an item like item n, to be found and within a history.
 * @returns the folder
 */
export async function writeRingTowers(
  home: string,
  ids: string[],
  planted: PlantedTowers = {},
): Promise<string> {
  const { version = 'ring', kind = 'image', step = 1, contract = 'two-tower/1', content = true } = planted;
  const n = ids.length;
  const known = planted.tags === undefined ? n : 0;
  const unit = (one: number) => Float32Array.from({ length: n }, (_, d) => +(d === (one + n) % n));
  const vectors = flat(ids.map((_, c) => unit(c)));
  const history = flat(ids.map((_, c) => unit(c + step)));
  const newest = [...unit(1)];
  const answers = [
    {
      model: 'user.onnx',
      inputs: {
        vectors: { type: 'float32', dims: [1, 1, n], data: newest },
        weights: { type: 'float32', dims: [1, 1], data: [0] },
        ages: { type: 'float32', dims: [1, 1], data: [0] },
      },
      outputs: { users: { type: 'float32', dims: [1, n], data: newest } },
    },
  ];
  const folder = join(home, 'artifacts', `two-tower-${kind}-${version}`);
  await writeArtifact(
    folder,
    {
      ...{ kind: `two-tower-${kind}`, version, contract, dataset: { digest: planted.dataset ?? 'ring' } },
      parameters: { length: 20, minStrength: 0, content: content ? n : 0, ...planted.parameters },
    },
    {
      'user.onnx': newestVector(n),
      ...(content && { 'item.onnx': shiftedContent(n, step) }),
      'answers.json': Buffer.from(JSON.stringify(answers)),
      ...(planted.tags && { 'tags.json': Buffer.from(JSON.stringify(planted.tags)) }),
      'items.json': Buffer.from(JSON.stringify(ids.slice(0, known))),
      'items.safetensors': tensors({ history: [known, n], vectors: [known, n], weights: [known] }, [
        history.subarray(0, known * n),
        vectors.subarray(0, known * n),
        new Float32Array(known),
      ]),
      ...planted.files,
    },
  );
  return folder;
}

/** Of the history only the newest item's vector counts. */
function newestVector(n: number): Uint8Array {
  return model(
    [node('Gather', ['vectors', 'last'], 'users', { axis: 1 })],
    [scalar('last', -1n)],
    [
      value('vectors', FLOAT, ['batch', 'length', n]),
      value('weights', FLOAT, ['batch', 'length']),
      value('ages', FLOAT, ['batch', 'length']),
    ],
    [value('users', FLOAT, ['batch', n])],
  );
}

function shiftedContent(n: number, step: number): Uint8Array {
  const shift = new Float32Array(n * n);
  for (let c = 0; c < n; c++) shift[c * n + ((c + step) % n)] = 1;
  return model(
    [
      node('MatMul', ['content', 'shift'], 'history'),
      node('Identity', ['content'], 'items'),
      node('Mul', ['content', 'zero'], 'nothing'),
      node('ReduceMax', ['nothing'], 'weights', { axes: [1], keepdims: 0 }),
    ],
    [floats('shift', [n, n], shift), floats('zero', [1], new Float32Array(1))],
    [value('content', FLOAT, ['batch', n])],
    [
      value('history', FLOAT, ['batch', n]),
      value('weights', FLOAT, ['batch']),
      value('items', FLOAT, ['batch', n]),
    ],
  );
}

function scalar(name: string, whole: bigint): Buffer {
  const data = Buffer.alloc(8);
  data.writeBigInt64LE(whole);
  return message(number(2, INT64), text(8, name), bytes(9, data));
}

/** A safetensors file of several tensors, in the order of their names. */
function tensors(shapes: Record<string, number[]>, data: Float32Array[]): Uint8Array {
  let at = 0;
  const entries = Object.entries(shapes).map(([name, shape], n) => {
    const from = at;
    at += data[n]!.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [from, at] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, ...data.map((part) => Buffer.from(part.buffer, 0, part.byteLength))]);
}

function flat(rows: Float32Array[]): Float32Array {
  const whole = new Float32Array(rows.length * rows[0]!.length);
  rows.forEach((row, n) => {
    whole.set(row, n * row.length);
  });
  return whole;
}
