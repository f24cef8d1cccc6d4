/**
 * A float32 matrix in WebAssembly memory and the dot products of chosen rows with one query, by SIMD.
 *
 * Exact search over the rows that pass a filter is what keeps recall when a filter keeps few points,
 * and usearch cannot search a subset of its own rows. A row of 64 takes 0.2 µs in plain JavaScript and
 * 0.03 µs here; the module is small enough to be assembled in this file, so there is no build step.
 *
 * ```wat
 * (func (export "score") (param $rows i32) (param $count i32) (param $matrix i32) (param $stride i32)
 *                        (param $query i32) (param $scores i32)
 *   for each of $count row numbers at $rows: scores[i] = Σ matrix[row · stride + j] · query[j])
 * ```
 * All are byte addresses; `stride` is a multiple of 64, its tail filled with zeros.
 */
export type DotKernel = {
  /** Row r begins at byte `r · stride` after `matrixAt`. A new object after each growth. */
  floats(): Float32Array;
  integers(): Int32Array;
  grow(bytes: number): void;
  score(rows: number, count: number, matrix: number, stride: number, query: number, scores: number): void;
};

/** Floats that the inner loop takes at once; rows are padded to a multiple of it. */
export const LANES = 16;
const PAGE = 65_536;

export function dotKernel(): DotKernel {
  compiled ??= new WebAssembly.Module(assemble());
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { score } = new WebAssembly.Instance(compiled, { env: { memory } }).exports;
  return {
    floats: () => new Float32Array(memory.buffer),
    integers: () => new Int32Array(memory.buffer),
    grow: (bytes) => {
      const missing = bytes - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    },
    score: score as DotKernel['score'],
  };
}
let compiled: WebAssembly.Module | undefined;

/** The little that is used of it: its types come with TypeScript's DOM library alone. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Memory {
    constructor(size: { initial: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Instance {
    constructor(module: Module, imports: { env: { memory: Memory } });
    readonly exports: Record<string, unknown>;
  }
}

const [ROWS, COUNT, MATRIX, STRIDE, QUERY, SCORES, P, Q, END, SUM] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const I32 = 0x7f;
const V128 = 0x7b;

const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const i32const = (value: number) => [0x41, ...(value < 64 ? [value] : [0x80 | (value & 0x7f), value >> 7])];
const advance = (local: number, by: number) => [...get(local), ...i32const(by), 0x6a, ...set(local)];
const loadVector = (address: number, offset: number) => [...get(address), 0xfd, 0x00, 4, offset];
const zeroVector = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
const addVectors = [0xfd, 0xe4, 0x01];
const multiplyVectors = [0xfd, 0xe6, 0x01];
const lane = (n: number) => [...get(SUM), 0xfd, 0x1f, n];
const four = [0, 1, 2, 3];

function assemble(): Uint8Array<ArrayBuffer> {
  const body = [
    ...[...get(QUERY), ...get(STRIDE), 0x6a, ...set(END)],
    ...[0x02, 0x40, 0x03, 0x40], // block, loop over rows
    ...[...get(COUNT), 0x45, 0x0d, 1], // leave when count = 0
    ...[...get(ROWS), 0x28, 2, 0, ...get(STRIDE), 0x6c, ...get(MATRIX), 0x6a, ...set(P)],
    ...[...get(QUERY), ...set(Q)],
    ...four.flatMap((i) => [...zeroVector, ...set(SUM + i)]),
    ...[0x03, 0x40], // loop over 16 floats at a time, in four independent sums
    ...four.flatMap((i) => [
      ...[...get(SUM + i), ...loadVector(P, 16 * i), ...loadVector(Q, 16 * i)],
      ...[...multiplyVectors, ...addVectors, ...set(SUM + i)],
    ]),
    ...[...advance(P, 64), ...advance(Q, 64)],
    ...[...get(Q), ...get(END), 0x49, 0x0d, 0, 0x0b],
    ...[...get(SUM), ...get(SUM + 1), ...addVectors],
    ...[...get(SUM + 2), ...get(SUM + 3), ...addVectors, ...addVectors, ...set(SUM)],
    ...[...get(SCORES), ...lane(0), ...lane(1), 0x92, ...lane(2), ...lane(3), 0x92, 0x92, 0x38, 2, 0],
    ...[...advance(ROWS, 4), ...advance(SCORES, 4)],
    ...[...get(COUNT), 0x41, 1, 0x6b, ...set(COUNT)],
    ...[0x0c, 0, 0x0b, 0x0b, 0x0b], // next row; end loop, block, function
  ];
  const locals = [2, 3, I32, 4, V128];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 6, I32, I32, I32, I32, I32, I32, 0]),
    ...section(2, [1, ...name('env'), ...name('memory'), 0x02, 0x00, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('score'), 0x00, 0]),
    ...section(10, [1, ...sized([...locals, ...body])]),
  ]);
}

const unsigned = (value: number): number[] =>
  value < 0x80 ? [value] : [0x80 | (value & 0x7f), ...unsigned(value >>> 7)];
const sized = (bytes: number[]) => [...unsigned(bytes.length), ...bytes];
const section = (id: number, bytes: number[]) => [id, ...sized(bytes)];
const name = (text: string) => sized([...Buffer.from(text)]);
