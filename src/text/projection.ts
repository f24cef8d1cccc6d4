/**
 * Random projection of an unbounded vocabulary into a few dimensions (Johnson–Lindenstrauss): each token has
 * one fixed random vector, made from a hash of its text, so no vocabulary is learned, stored or shipped.
 *
 * A component is popcount(32 random bits) − 16: binomial, near enough to a Gaussian of variance 8, and exact
 * integer arithmetic, so every machine makes the same vectors (log and cos may differ in the last bit).
 */
export class TokenProjection {
  readonly dims: number;
  readonly #seed: number;
  readonly #capacity: number;
  readonly #pool: Int8Array;
  readonly #slots = new Map<string, number>();

  /** @param capacity tokens remembered; past it the memory starts afresh (vectors are cheap to make again). */
  constructor(dims: number, seed: number, capacity = 65_536) {
    this.dims = dims;
    this.#seed = seed;
    this.#capacity = capacity;
    this.#pool = new Int8Array(dims * capacity);
  }

  /** sum += weight · vector(token), the vector having unit expected length. */
  add(sum: Float64Array, token: string, weight: number): void {
    const offset = this.#slotOf(token) * this.dims;
    const scaled = weight / Math.sqrt(8 * this.dims);
    const pool = this.#pool;
    for (let d = 0; d < sum.length; d++) sum[d] = sum[d]! + scaled * pool[offset + d]!;
  }

  #slotOf(token: string): number {
    const known = this.#slots.get(token);
    if (known !== undefined) return known;
    if (this.#slots.size === this.#capacity) this.#slots.clear();
    const slot = this.#slots.size;
    const random = bitsOf(token, this.#seed);
    for (let d = 0; d < this.dims; d++) this.#pool[slot * this.dims + d] = popcount(random()) - 16;
    this.#slots.set(token, slot);
    return slot;
  }
}

/** An endless stream of 32-bit words for a token: FNV-1a over both bytes of each UTF-16 unit, then splitmix32. */
function bitsOf(token: string, seed: number): () => number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < token.length; i++) {
    const unit = token.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  let state = mixed(hash);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return mixed(state);
  };
}

/** The finaliser of MurmurHash3. */
function mixed(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function popcount(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
