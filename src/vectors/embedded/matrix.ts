import { dotKernel, LANES } from './dot-kernel.ts';

/** Scratch for one block of rows lies before the matrix: query, row numbers, scores. */
const BLOCK = 1024;

/** Vectors of one space by row, float32, all of length `dims`. */
export class VectorMatrix {
  readonly dims: number;
  readonly #stride: number;
  readonly #kernel = dotKernel();
  readonly #rowsAt: number;
  readonly #scoresAt: number;
  readonly #matrixAt: number;
  #floats: Float32Array;
  #integers: Int32Array;
  #capacity = 0;

  constructor(dims: number) {
    this.dims = dims;
    this.#stride = Math.ceil(dims / LANES) * LANES;
    this.#rowsAt = this.#stride;
    this.#scoresAt = this.#rowsAt + BLOCK;
    this.#matrixAt = Math.ceil((this.#scoresAt + BLOCK) / LANES) * LANES;
    this.#kernel.grow(this.#matrixAt * 4);
    this.#floats = this.#kernel.floats();
    this.#integers = this.#kernel.integers();
  }

  /** Makes room for rows below `rows`; new rows are zero. */
  reserve(rows: number): void {
    if (rows <= this.#capacity) return;
    this.#capacity = Math.max(rows, Math.ceil(this.#capacity * 1.25), 256);
    this.#kernel.grow((this.#matrixAt + this.#capacity * this.#stride) * 4);
    this.#floats = this.#kernel.floats();
    this.#integers = this.#kernel.integers();
  }

  set(row: number, vector: Float32Array): void {
    this.#floats.set(vector, this.#matrixAt + row * this.#stride);
  }

  get(row: number): Float32Array {
    const at = this.#matrixAt + row * this.#stride;
    return this.#floats.slice(at, at + this.dims);
  }

  holds(row: number, vector: Float32Array): boolean {
    const at = this.#matrixAt + row * this.#stride;
    for (let j = 0; j < this.dims; j++) if (this.#floats[at + j] !== vector[j]) return false;
    return true;
  }

  /** Cosines of the query (unit length) with the first `count` rows, into `scores` by position. */
  score(query: Float32Array, rows: Int32Array, count: number, scores: Float32Array): void {
    this.#floats.fill(0, 0, this.#stride);
    this.#floats.set(query, 0);
    for (let start = 0; start < count; start += BLOCK) {
      const length = Math.min(BLOCK, count - start);
      this.#integers.set(rows.subarray(start, start + length), this.#rowsAt);
      this.#kernel.score(
        this.#rowsAt * 4,
        length,
        this.#matrixAt * 4,
        this.#stride * 4,
        0,
        this.#scoresAt * 4,
      );
      scores.set(this.#floats.subarray(this.#scoresAt, this.#scoresAt + length), start);
    }
  }

  /** The bytes of the first `rows` rows, padded as they lie in memory: what a file of them holds. */
  bytes(rows: number): Uint8Array<ArrayBuffer> {
    this.reserve(rows);
    const { buffer } = this.#floats;
    return new Uint8Array(buffer as ArrayBuffer, this.#matrixAt * 4, rows * this.#stride * 4);
  }
}
