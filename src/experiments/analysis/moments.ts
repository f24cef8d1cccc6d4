/**
 * What a report needs to know of the people of one variant for one metric: y numerator, x denominator,
 * c what they did before. Means, and sample variances and covariances (divided by n − 1).
 */
export type Moments = {
  n: number;
  y: number;
  x: number;
  c: number;
  yy: number;
  xx: number;
  cc: number;
  yx: number;
  yc: number;
  xc: number;
};

export const NOBODY: Moments = { n: 0, y: 0, x: 0, c: 0, yy: 0, xx: 0, cc: 0, yx: 0, yc: 0, xc: 0 };

/** Both groups as one, without going back to the people (Chan, Golub & LeVeque 1983). */
export function merge(a: Moments, b: Moments): Moments {
  const n = a.n + b.n;
  if (a.n === 0 || b.n === 0) return a.n === 0 ? b : a;
  const mean = (k: 'y' | 'x' | 'c') => (a.n * a[k] + b.n * b[k]) / n;
  const spread = (pair: 'yy' | 'xx' | 'cc' | 'yx' | 'yc' | 'xc') => {
    const [p, q] = [...pair] as ['y' | 'x' | 'c', 'y' | 'x' | 'c'];
    const between = ((b[p] - a[p]) * (b[q] - a[q]) * a.n * b.n) / n;
    return ((a.n - 1) * a[pair] + (b.n - 1) * b[pair] + between) / (n - 1);
  };
  return {
    ...{ n, y: mean('y'), x: mean('x'), c: mean('c') },
    ...{ yy: spread('yy'), xx: spread('xx'), cc: spread('cc') },
    ...{ yx: spread('yx'), yc: spread('yc'), xc: spread('xc') },
  };
}

/** Of people in memory; columns of one length. */
export function momentsOf(y: ArrayLike<number>, x: ArrayLike<number>, c: ArrayLike<number>): Moments {
  const n = y.length;
  if (n === 0) return NOBODY;
  const mean = (v: ArrayLike<number>) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += v[i]!;
    return sum / n;
  };
  const [my, mx, mc] = [mean(y), mean(x), mean(c)];
  const sums = { yy: 0, xx: 0, cc: 0, yx: 0, yc: 0, xc: 0 };
  for (let i = 0; i < n; i++) {
    const [dy, dx, dc] = [y[i]! - my, x[i]! - mx, c[i]! - mc];
    sums.yy += dy * dy;
    sums.xx += dx * dx;
    sums.cc += dc * dc;
    sums.yx += dy * dx;
    sums.yc += dy * dc;
    sums.xc += dx * dc;
  }
  const by = Math.max(1, n - 1);
  for (const pair of Object.keys(sums) as (keyof typeof sums)[]) sums[pair] /= by;
  return { n, y: my, x: mx, c: mc, ...sums };
}
