import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Index as UsearchIndex } from 'usearch';

const { Index, MetricKind, ScalarKind } = createRequire(import.meta.url)(
  'usearch',
) as typeof import('usearch');

/** One number for every `add` of a process: usearch makes room for as many threads as it first saw. */
const THREADS = Math.min(availableParallelism(), 4);
/** Vectors a synchronous `add` takes: about 3 ms, so that requests between two slices do not wait. */
const SLICE = 16 * THREADS;

/** An HNSW graph over rows (usearch, cosine, f16). Keys are row numbers. */
export class Graph {
  readonly #dims: number;
  readonly #index: UsearchIndex;

  constructor(dims: number) {
    this.#dims = dims;
    this.#index = new Index({
      dimensions: dims,
      metric: MetricKind.Cos,
      quantization: ScalarKind.F16,
      connectivity: 16,
      expansion_add: 128,
      // Least effort of a search; asking for more neighbours raises it (usearch takes the larger).
      expansion_search: 192,
      multi: false,
    });
  }

  get size(): number {
    return this.#index.size();
  }

  /** Adds or replaces; gives way to other work between slices. */
  async put(rows: number[], vectorOf: (row: number) => Float32Array): Promise<void> {
    for (let start = 0; start < rows.length; start += SLICE) {
      const slice = rows.slice(start, start + SLICE);
      const keys = BigUint64Array.from(slice, BigInt);
      const block = new Float32Array(slice.length * this.#dims);
      slice.forEach((row, i) => {
        block.set(vectorOf(row), i * this.#dims);
      });
      this.#index.remove(keys);
      this.#index.add(keys, block, THREADS);
      await nextTurn();
    }
  }

  remove(row: number): void {
    this.#index.remove(BigInt(row));
  }

  /** Rows of about the `wanted` nearest vectors, nearest first. */
  nearest(query: Float32Array, wanted: number): Int32Array {
    const { keys } = this.#index.search(query, wanted, 1);
    const rows = new Int32Array(keys.length);
    // The low half of each little-endian key: rows fit in it, and BigInt is slow.
    const halves = new Uint32Array(keys.buffer, keys.byteOffset, keys.length * 2);
    for (let i = 0; i < rows.length; i++) rows[i] = halves[2 * i]!;
    return rows;
  }

  save(path: string): void {
    this.#index.save(path);
  }

  load(path: string): void {
    this.#index.load(path);
  }
}
