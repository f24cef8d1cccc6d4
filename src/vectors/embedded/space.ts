import type { VectorHit } from '../port.ts';
import { Graph } from './graph.ts';
import { VectorMatrix } from './matrix.ts';
import type { PointTable } from './point-table.ts';
import { grown } from './postings.ts';
import type { RowFilter } from './row-filter.ts';
import { Top } from './top.ts';

/**
 * One vector space of a collection: exact vectors in a matrix, an HNSW graph over the same rows.
 *
 * A search takes the cheaper of two ways, by costs measured at 242,000 × 64 (bench/vectors.ts):
 * - *exact* over the rows that pass: 0.1 µs a row (0.04 of it the product), recall 1;
 * - *graph*: ask for so many neighbours that `limit` of them should pass, drop those that do not:
 *   0.25 ms and 0.7 µs a neighbour, twice that beyond 1,500. When too few pass (the filter and
 *   the query disagree), exact answers after all.
 * Scores come from the matrix in both, so the graph's f16 decides only which rows are looked at.
 */
export class VectorSpace {
  readonly matrix: VectorMatrix;
  readonly graph: Graph;
  /** 1 where a row has a vector here. */
  has: Uint8Array;
  #rows = new Int32Array(0);
  #scores = new Float32Array(0);

  constructor(dims: number, has: Uint8Array = new Uint8Array(256)) {
    this.matrix = new VectorMatrix(dims);
    this.graph = new Graph(dims);
    this.has = has;
  }

  holds(row: number): boolean {
    return this.has[row] === 1;
  }

  /** Stores vectors by row; an unchanged one costs nothing in the graph. */
  async put(vectors: Map<number, Float32Array>): Promise<void> {
    const changed: number[] = [];
    for (const [row, vector] of vectors) {
      if (this.holds(row) && this.matrix.holds(row, vector)) continue;
      if (row >= this.has.length) this.has = grown(this.has, Math.max(row + 1, this.has.length * 2));
      this.matrix.reserve(row + 1);
      this.matrix.set(row, vector);
      this.has[row] = 1;
      changed.push(row);
    }
    await this.graph.put(changed, (row) => this.matrix.get(row));
  }

  drop(row: number): void {
    if (!this.holds(row)) return;
    this.has[row] = 0;
    this.graph.remove(row);
  }

  search(table: PointTable, query: Float32Array, limit: number, filter: RowFilter): VectorHit[] {
    const size = this.graph.size;
    const share = Math.min(1, filter.expected / Math.max(1, table.live));
    const wanted = Math.min(size, Math.ceil((1.25 * limit) / Math.max(share, 1e-6)) + 30);
    if (exactCost(share * size) > graphCost(wanted)) {
      const hits = this.#viaGraph(table, query, limit, wanted, filter);
      if (hits.length === limit) return hits;
    }
    return this.#exactly(table, query, limit, filter);
  }

  #viaGraph(table: PointTable, query: Float32Array, limit: number, wanted: number, filter: RowFilter) {
    const rows = this.graph.nearest(query, wanted);
    let passing = 0;
    for (const row of rows) if (this.holds(row) && filter.passes(row)) rows[passing++] = row;
    return this.#best(table, query, limit, rows, passing);
  }

  #exactly(table: PointTable, query: Float32Array, limit: number, filter: RowFilter) {
    if (this.#rows.length < table.size) this.#rows = new Int32Array(table.ids.length);
    const rows = this.#rows;
    const listed = filter.list(rows);
    let count = 0;
    for (let i = 0; i < listed; i++) if (this.holds(rows[i]!)) rows[count++] = rows[i]!;
    return this.#best(table, query, limit, rows, count);
  }

  #best(table: PointTable, query: Float32Array, limit: number, rows: Int32Array, count: number) {
    if (this.#scores.length < count) this.#scores = new Float32Array(rows.length);
    const scores = this.#scores;
    this.matrix.score(query, rows, count, scores);
    const top = new Top(Math.min(limit, count));
    for (let i = 0; i < count; i++) {
      if (scores[i]! >= top.bar) top.push(table.ids[rows[i]!]!, scores[i]!);
    }
    return top.hits();
  }
}

/** Microseconds. */
const exactCost = (rows: number) => 0.1 * rows;
const graphCost = (wanted: number) => 250 + 0.7 * Math.min(wanted, 1500) + 1.5 * Math.max(0, wanted - 1500);
