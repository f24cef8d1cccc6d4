import type { SparseRows } from '../../models/item-graph/types.ts';
import type { Features } from '../types.ts';

/** Not yet touched by this request. */
const UNTOUCHED = -2;
/** Touched, but by nothing that can be named for it. */
export const NOBODY = -1;

/** Accumulators over the graph's columns, reused by every request: a request fills and reads them in one go. */
export class Scratch {
  near = new Float32Array(0);
  next = new Float32Array(0);
  total = new Float32Array(0);
  /** The largest single contribution, and the place in the history it came from. */
  given = new Float32Array(0);
  giver = new Int32Array(0);
  /** The columns in use, in [0, count). */
  touched = new Int32Array(0);
  count = 0;

  reset(columns: number): void {
    if (this.near.length < columns) {
      this.count = 0;
      this.near = new Float32Array(columns);
      this.next = new Float32Array(columns);
      this.total = new Float32Array(columns);
      this.given = new Float32Array(columns);
      this.giver = new Int32Array(columns).fill(UNTOUCHED);
      this.touched = new Int32Array(columns);
    }
    const { near, next, given, giver, touched } = this;
    for (let i = 0; i < this.count; i++) {
      const column = touched[i]!;
      near[column] = 0;
      next[column] = 0;
      given[column] = 0;
      giver[column] = UNTOUCHED;
    }
    this.count = 0;
  }

  /** Adds `weight` × the first `length` entries of row `row` to `sums`. Rows hold their strongest first. */
  addRow(
    rows: SparseRows,
    row: number,
    length: number,
    weight: number,
    sums: Float32Array,
    from: number,
  ): void {
    const { columns, weights } = rows;
    const { given, giver, touched } = this;
    const start = rows.offsets[row]!;
    const end = Math.min(rows.offsets[row + 1]!, start + length);
    let count = this.count;
    for (let k = start; k < end; k++) {
      const column = columns[k]!;
      const value = weight * weights[k]!;
      if (giver[column] === UNTOUCHED) {
        giver[column] = NOBODY;
        touched[count++] = column;
      }
      sums[column]! += value;
      if (from !== NOBODY && value > given[column]!) {
        given[column] = value;
        giver[column] = from;
      }
    }
    this.count = count;
  }

  /** What the blend will say, near enough to choose the pool by it. */
  combine(weights: Features): void {
    const { near, next, total, touched, count } = this;
    let topNear = 1e-9;
    let topNext = 1e-9;
    for (let i = 0; i < count; i++) {
      topNear = Math.max(topNear, near[touched[i]!]!);
      topNext = Math.max(topNext, next[touched[i]!]!);
    }
    const { similar = 0, next: after = 0, both = 0 } = weights;
    for (let i = 0; i < count; i++) {
      const column = touched[i]!;
      const n = Math.max(0, near[column]!) / topNear;
      const x = next[column]! / topNext;
      total[column] = similar * n + after * x + both * n * x;
    }
  }
}
