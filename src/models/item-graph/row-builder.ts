import type { SparseRows } from './types.ts';

/** Builds sparse rows one after the other over one dense accumulator; each keeps its `limit` strongest. */
export class RowBuilder {
  readonly #limit: number;
  readonly #sums: Float64Array;
  readonly #touched: Int32Array;
  readonly #seen: Uint8Array;
  #count = 0;
  #offsets: number[] = [0];
  #columns: Int32Array;
  #weights: Float32Array;
  #used = 0;

  constructor(columns: number, limit = Number.POSITIVE_INFINITY) {
    this.#limit = Math.min(limit, columns);
    this.#sums = new Float64Array(columns);
    this.#touched = new Int32Array(columns);
    this.#seen = new Uint8Array(columns);
    this.#columns = new Int32Array(1024);
    this.#weights = new Float32Array(1024);
  }

  /** Adds to one column of the row under construction. */
  add(column: number, weight: number): void {
    if (this.#seen[column] === 0) {
      this.#seen[column] = 1;
      this.#touched[this.#count++] = column;
    }
    this.#sums[column]! += weight;
  }

  /** Ends the row: `weigh` turns each sum into its final weight; weights of 0 are left out. */
  endRow(weigh: (sum: number, column: number) => number = (sum) => sum): void {
    const sums = this.#sums;
    const touched = this.#touched.subarray(0, this.#count);
    for (const column of touched) sums[column] = weigh(sums[column]!, column);
    let kept = touched.filter((column) => sums[column] !== 0);
    if (kept.length > this.#limit) {
      const weakest = kept.length - this.#limit;
      const threshold = Float64Array.from(kept, (column) => sums[column]!).sort()[weakest]!;
      kept = kept.filter((column) => sums[column]! >= threshold);
    }
    kept.sort((a, b) => sums[b]! - sums[a]! || a - b);
    this.#append(kept.subarray(0, this.#limit));
    for (const column of touched) {
      sums[column] = 0;
      this.#seen[column] = 0;
    }
    this.#count = 0;
  }

  #append(columns: Int32Array): void {
    const end = this.#used + columns.length;
    if (end > this.#columns.length) {
      const larger = Math.max(end, this.#columns.length * 2);
      const oldColumns = this.#columns;
      const oldWeights = this.#weights;
      this.#columns = new Int32Array(larger);
      this.#columns.set(oldColumns);
      this.#weights = new Float32Array(larger);
      this.#weights.set(oldWeights);
    }
    this.#columns.set(columns, this.#used);
    for (const column of columns) this.#weights[this.#used++] = this.#sums[column]!;
    this.#offsets.push(end);
  }

  finish(): SparseRows {
    return {
      offsets: Int32Array.from(this.#offsets),
      columns: this.#columns.slice(0, this.#used),
      weights: this.#weights.slice(0, this.#used),
    };
  }
}
