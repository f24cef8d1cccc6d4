import t from 'tap';
import { invertSymmetric, tiled } from '../../../src/models/item-graph/invert.ts';
import { seededRandom } from '../../../src/recommend/random.ts';

/** A symmetric positive definite matrix: GᵀG + I of random G, row-major. */
function positiveDefinite(n: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  const g = Float64Array.from({ length: n * n }, () => random.next() - 0.5);
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = i === j ? 1 : 0;
    for (let k = 0; k < n; k++) sum += g[k * n + i]! * g[k * n + j]!;
    return sum;
  });
}

// 64 is the block, 4 the tile: sizes below, at, across and well beyond both.
for (const n of [4, 8, 60, 64, 68, 128, 200]) {
  t.test(`a ${n} × ${n} matrix times its inverse is the identity`, async (t) => {
    const matrix = positiveDefinite(n, n);
    const inverse = matrix.slice();
    invertSymmetric(inverse, n);
    let worst = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += matrix[i * n + k]! * inverse[k >= j ? k * n + j : j * n + k]!;
        worst = Math.max(worst, Math.abs(sum - (i === j ? 1 : 0)));
      }
    t.ok(worst < 1e-10, `off by ${worst}`);
  });
}

t.test('only the lower triangle is read', async (t) => {
  const n = 72;
  const matrix = positiveDefinite(n, 1);
  const half = matrix.map((value, at) => (at % n > Math.floor(at / n) ? Number.NaN : value));
  invertSymmetric(matrix, n);
  invertSymmetric(half, n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) t.equal(half[i * n + j], matrix[i * n + j]);
});

t.test('a matrix that is not positive definite is refused, not answered', async (t) => {
  t.throws(() => invertSymmetric(new Float64Array(16), 4), RangeError);
  t.throws(() => invertSymmetric(new Float64Array(16).fill(Number.NaN), 4), RangeError);
  const indefinite = Float64Array.from([1, 2, 0, 0, 2, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  t.throws(() => invertSymmetric(indefinite, 4), RangeError);
});

t.test('sizes are multiples of the tile', async (t) => {
  t.same([1, 4, 5, 3416].map(tiled), [4, 4, 8, 3416]);
  t.throws(() => invertSymmetric(new Float64Array(9), 3), RangeError);
});
