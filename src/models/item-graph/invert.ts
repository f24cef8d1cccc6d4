/** Rows and columns swept at a time: two panels of n × BLOCK stay in the second-level cache. */
const BLOCK = 64;
/** Side of the register tile. */
const TILE = 4;

/** Smallest size ≥ n that `invertSymmetric` takes; fill the extra rows with the identity. */
export const tiled = (n: number): number => Math.ceil(n / TILE) * TILE;

/**
 * Inverts a symmetric positive definite matrix in place by the blocked sweep operator (Goodnight 1979, "A
 * tutorial on the SWEEP operator"): n³/2 multiply-adds, one kernel, no second matrix.
 *
 * @param a n × n, row-major; only the lower triangle is read. Afterwards its lower triangle holds the inverse.
 * @param n a multiple of 4 (`tiled`).
 * @throws RangeError when the matrix is not positive definite.
 */
export function invertSymmetric(a: Float64Array, n: number, progress: (fraction: number) => void = () => {}) {
  if (n % TILE !== 0) throw new RangeError(`size ${n} is not a multiple of ${TILE}`);
  const panel = new Float64Array(n * BLOCK);
  const solved = new Float64Array(n * BLOCK);
  for (let first = 0; first < n; first += BLOCK) {
    const width = Math.min(BLOCK, n - first);
    const corner = invertSmall(readCorner(a, n, first, width), width);
    readPanel(a, n, first, width, panel);
    multiplyPanel(panel, corner, n, width, solved);
    subtractProduct(a, n, width, panel, solved);
    writePanel(a, n, first, width, solved);
    writeCorner(a, n, first, width, corner);
    progress((first + width) / n);
  }
  // The sweep leaves the negative inverse.
  for (let i = 0; i < n; i++) for (let at = i * n; at <= i * n + i; at++) a[at] = -a[at]!;
}

function readCorner(a: Float64Array, n: number, first: number, width: number): Float64Array {
  const corner = new Float64Array(width * width);
  for (let i = 0; i < width; i++)
    for (let j = 0; j < width; j++) {
      const [row, column] = i > j ? [i, j] : [j, i];
      corner[i * width + j] = a[(first + row) * n + first + column]!;
    }
  return corner;
}

/** Gauss–Jordan without pivoting, which positive definite matrices do not need. */
function invertSmall(m: Float64Array, width: number): Float64Array {
  for (let k = 0; k < width; k++) {
    const pivot = m[k * width + k]!;
    if (!(pivot > 0)) throw new RangeError('matrix is not positive definite');
    for (let i = 0; i < width; i++) {
      if (i === k) continue;
      const factor = m[i * width + k]! / pivot;
      for (let j = 0; j < width; j++) if (j !== k) m[i * width + j]! -= factor * m[k * width + j]!;
      m[i * width + k] = -factor;
    }
    for (let j = 0; j < width; j++) m[k * width + j]! /= pivot;
    m[k * width + k] = 1 / pivot;
  }
  return m;
}

/** Where element (row, k) of a panel lies: TILE rows interleaved, so that the kernel reads straight on. */
const packed = (row: number, k: number, width: number) =>
  (row - (row % TILE)) * width + k * TILE + (row % TILE);

/** The block's columns over all rows; zero in the block's own rows, so that the kernel leaves those alone. */
function readPanel(a: Float64Array, n: number, first: number, width: number, panel: Float64Array): void {
  const end = first + width;
  for (let row = 0; row < n; row++)
    for (let k = 0; k < width; k++) {
      const value = row >= end ? a[row * n + first + k]! : row < first ? a[(first + k) * n + row]! : 0;
      panel[packed(row, k, width)] = value;
    }
}

/** panel · corner, the corner being symmetric. */
function multiplyPanel(
  panel: Float64Array,
  corner: Float64Array,
  n: number,
  width: number,
  product: Float64Array,
): void {
  const size = width * TILE;
  for (let base = 0; base < n * width; base += size)
    for (let j = 0; j < width; j++) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let p = base;
      for (let k = j * width; k < (j + 1) * width; k++, p += TILE) {
        const factor = corner[k]!;
        s0 += panel[p]! * factor;
        s1 += panel[p + 1]! * factor;
        s2 += panel[p + 2]! * factor;
        s3 += panel[p + 3]! * factor;
      }
      const at = base + j * TILE;
      product[at] = s0;
      product[at + 1] = s1;
      product[at + 2] = s2;
      product[at + 3] = s3;
    }
}

/** Lower triangle of a −= panel · solvedᵀ, in register tiles of 4 × 4 (a tile on the diagonal is done whole). */
function subtractProduct(
  a: Float64Array,
  n: number,
  width: number,
  panel: Float64Array,
  solved: Float64Array,
): void {
  for (let i = 0; i < n; i += TILE)
    for (let j = 0; j <= i; j += TILE) subtractTile(a, n, i, j, width, panel, solved);
}

function subtractTile(
  a: Float64Array,
  n: number,
  i: number,
  j: number,
  width: number,
  panel: Float64Array,
  solved: Float64Array,
): void {
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  let s23 = 0;
  let s30 = 0;
  let s31 = 0;
  let s32 = 0;
  let s33 = 0;
  let p = i * width;
  let q = j * width;
  for (const end = p + width * TILE; p < end; p += TILE, q += TILE) {
    const p0 = panel[p]!;
    const p1 = panel[p + 1]!;
    const p2 = panel[p + 2]!;
    const p3 = panel[p + 3]!;
    const q0 = solved[q]!;
    const q1 = solved[q + 1]!;
    const q2 = solved[q + 2]!;
    const q3 = solved[q + 3]!;
    s00 += p0 * q0;
    s01 += p0 * q1;
    s02 += p0 * q2;
    s03 += p0 * q3;
    s10 += p1 * q0;
    s11 += p1 * q1;
    s12 += p1 * q2;
    s13 += p1 * q3;
    s20 += p2 * q0;
    s21 += p2 * q1;
    s22 += p2 * q2;
    s23 += p2 * q3;
    s30 += p3 * q0;
    s31 += p3 * q1;
    s32 += p3 * q2;
    s33 += p3 * q3;
  }
  let c = i * n + j;
  a[c]! -= s00;
  a[c + 1]! -= s01;
  a[c + 2]! -= s02;
  a[c + 3]! -= s03;
  c += n;
  a[c]! -= s10;
  a[c + 1]! -= s11;
  a[c + 2]! -= s12;
  a[c + 3]! -= s13;
  c += n;
  a[c]! -= s20;
  a[c + 1]! -= s21;
  a[c + 2]! -= s22;
  a[c + 3]! -= s23;
  c += n;
  a[c]! -= s30;
  a[c + 1]! -= s31;
  a[c + 2]! -= s32;
  a[c + 3]! -= s33;
}

function writePanel(a: Float64Array, n: number, first: number, width: number, solved: Float64Array): void {
  const end = first + width;
  for (let k = 0; k < width; k++) {
    for (let row = 0; row < first; row++) a[(first + k) * n + row] = solved[packed(row, k, width)]!;
    for (let row = end; row < n; row++) a[row * n + first + k] = solved[packed(row, k, width)]!;
  }
}

function writeCorner(a: Float64Array, n: number, first: number, width: number, corner: Float64Array): void {
  for (let i = 0; i < width; i++)
    for (let j = 0; j <= i; j++) a[(first + i) * n + first + j] = -corner[i * width + j]!;
}
