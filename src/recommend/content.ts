import type { ItemRef } from '../catalog/types.ts';

import { SIGNATURE_WORDS, sign, signatureCosine } from './signature.ts';

/** Content vectors in memory, row by row, so that taste and diversity read them synchronously. */
export type ContentVectors = {
  /** Length of a row; 0 until the first vector is there. */
  readonly dims: number;
  /** Rises whenever a row is written: what was made of rows before may be another now. */
  readonly changes: number;
  /** Row of an item, -1 when it has no vector or none is in memory. */
  rowOf(item: ItemRef): number;
  /** A copy of the unit vector of an item that has a row. */
  vectorOf(item: ItemRef): Float32Array;
  /** Cosine of two rows, estimated from signatures. Rows hold until the next await. */
  likeness(rowA: number, rowB: number): number;
  /** Brings these into memory; a Promise only when some have to be fetched. */
  load(items: ItemRef[]): void | Promise<void>;
};

/** How long a vector is taken to be the item's, and how soon one that was not there is looked for again. */
const FRESH_MS = 600_000;
const ABSENT_MS = 30_000;

/** Vectors that are all in memory from the start (offline evaluation, tests). */
export function contentInMemory(vectors: ReadonlyMap<ItemRef, Float32Array>): ContentVectors {
  const content = new Rows(vectors.size);
  for (const [item, vector] of vectors) content.set(item, vector, Infinity);
  return content;
}

/** Vectors fetched when first wanted and kept, `capacity` at most; the oldest make room. */
export function contentCache(
  fetchVectors: (items: ItemRef[]) => Promise<ReadonlyMap<ItemRef, Float32Array>>,
  capacity: number,
): ContentVectors {
  return new Rows(capacity, fetchVectors);
}

class Rows implements ContentVectors {
  dims = 0;
  changes = 0;
  #matrix = new Float32Array(0);
  #signatures = new Int32Array(0);
  readonly #capacity: number;
  readonly #fetch: ((items: ItemRef[]) => Promise<ReadonlyMap<ItemRef, Float32Array>>) | undefined;
  readonly #rowOf = new Map<ItemRef, number>();
  readonly #absentUntil = new Map<ItemRef, number>();
  readonly #owner: ItemRef[] = [];
  readonly #freshUntil: number[] = [];
  #oldest = 0;

  constructor(
    capacity: number,
    fetchVectors?: (items: ItemRef[]) => Promise<ReadonlyMap<ItemRef, Float32Array>>,
  ) {
    this.#capacity = capacity;
    this.#fetch = fetchVectors;
  }

  rowOf(item: ItemRef): number {
    return this.#rowOf.get(item) ?? -1;
  }

  vectorOf(item: ItemRef): Float32Array {
    const start = this.rowOf(item) * this.dims;
    return this.#matrix.slice(start, start + this.dims);
  }

  likeness(rowA: number, rowB: number): number {
    return signatureCosine(this.#signatures, rowA * SIGNATURE_WORDS, rowB * SIGNATURE_WORDS);
  }

  load(items: ItemRef[]): void | Promise<void> {
    if (this.#fetch === undefined) return;
    const now = Date.now();
    const missing: ItemRef[] = [];
    for (const item of items) {
      const row = this.#rowOf.get(item);
      const until = row === undefined ? this.#absentUntil.get(item) : this.#freshUntil[row];
      if (until === undefined || until < now) missing.push(item);
    }
    if (missing.length > 0) return this.#load(missing, this.#fetch, now);
  }

  async #load(
    missing: ItemRef[],
    fetchVectors: (items: ItemRef[]) => Promise<ReadonlyMap<ItemRef, Float32Array>>,
    now: number,
  ): Promise<void> {
    const vectors = await fetchVectors(missing);
    if (this.#absentUntil.size > this.#capacity) this.#absentUntil.clear();
    for (const item of missing) {
      const vector = vectors.get(item);
      if (vector) this.set(item, vector, now + FRESH_MS);
      else this.#absentUntil.set(item, now + ABSENT_MS);
    }
  }

  set(item: ItemRef, vector: Float32Array, freshUntil: number): void {
    if (this.dims === 0) this.dims = vector.length;
    if (vector.length !== this.dims) return;
    this.changes++;
    const row = this.#rowOf.get(item) ?? this.#freeRow();
    this.#rowOf.set(item, row);
    this.#owner[row] = item;
    this.#freshUntil[row] = freshUntil;
    this.#absentUntil.delete(item);
    this.#matrix.set(vector, row * this.dims);
    sign(vector, this.#signatures, row * SIGNATURE_WORDS);
  }

  #freeRow(): number {
    const used = this.#owner.length;
    if (used < this.#capacity) {
      if (used * SIGNATURE_WORDS >= this.#signatures.length) this.#grow(used);
      return used;
    }
    const row = this.#oldest;
    this.#oldest = (row + 1) % this.#capacity;
    this.#rowOf.delete(this.#owner[row]!);
    return row;
  }

  #grow(used: number): void {
    const rows = Math.min(this.#capacity, Math.max(1024, used * 2));
    const matrix = new Float32Array(rows * this.dims);
    matrix.set(this.#matrix);
    this.#matrix = matrix;
    const signatures = new Int32Array(rows * SIGNATURE_WORDS);
    signatures.set(this.#signatures);
    this.#signatures = signatures;
  }
}
