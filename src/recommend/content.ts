import type { ItemRef } from '../catalog/types.ts';

/** Content vectors in memory: rows of one matrix, so that taste and diversity read them synchronously. */
export type ContentVectors = {
  /** Length of a row; 0 until the first vector is there. */
  readonly dims: number;
  /** Unit rows, row-major. Replaced when it grows: read it anew in every synchronous section. */
  readonly matrix: Float32Array;
  /** Row of an item, -1 when it has no vector or none is in memory. */
  rowOf(item: ItemRef): number;
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
  matrix = new Float32Array(0);
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

  load(items: ItemRef[]): void | Promise<void> {
    if (this.#fetch === undefined) return;
    const now = Date.now();
    const missing = items.filter((item) => {
      const row = this.#rowOf.get(item);
      const until = row === undefined ? this.#absentUntil.get(item) : this.#freshUntil[row];
      return until === undefined || until < now;
    });
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
    const row = this.#rowOf.get(item) ?? this.#freeRow();
    this.#rowOf.set(item, row);
    this.#owner[row] = item;
    this.#freshUntil[row] = freshUntil;
    this.#absentUntil.delete(item);
    this.matrix.set(vector, row * this.dims);
  }

  #freeRow(): number {
    const used = this.#owner.length;
    if (used < this.#capacity) {
      if ((used + 1) * this.dims > this.matrix.length) {
        const larger = new Float32Array(Math.min(this.#capacity, Math.max(1024, used * 2)) * this.dims);
        larger.set(this.matrix);
        this.matrix = larger;
      }
      return used;
    }
    const row = this.#oldest;
    this.#oldest = (row + 1) % this.#capacity;
    this.#rowOf.delete(this.#owner[row]!);
    return row;
  }
}

/** Cosine of two unit rows. */
export function rowSimilarity(matrix: Float32Array, dims: number, a: number, b: number): number {
  let i = a * dims;
  let j = b * dims;
  const end = i + dims;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  // Four sums, so that one addition need not wait for the one before it.
  for (; i + 3 < end; i += 4, j += 4) {
    s0 += matrix[i]! * matrix[j]!;
    s1 += matrix[i + 1]! * matrix[j + 1]!;
    s2 += matrix[i + 2]! * matrix[j + 2]!;
    s3 += matrix[i + 3]! * matrix[j + 3]!;
  }
  for (; i < end; i++, j++) s0 += matrix[i]! * matrix[j]!;
  return s0 + s1 + s2 + s3;
}
