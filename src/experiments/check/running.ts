import type { Moments } from '../analysis/moments.ts';

/**
 * Moments of a variant whose people go on doing things: a person's sums change in place, so that looking
 * a hundred times costs as much as reading the log once.
 */
export class RunningMoments {
  #n = 0;
  readonly #sum = { y: 0, x: 0, c: 0, yy: 0, xx: 0, cc: 0, yx: 0, yc: 0, xc: 0 };

  /** A person comes in, with what they did before. */
  enter(c: number): void {
    this.#n++;
    this.#sum.c += c;
    this.#sum.cc += c * c;
  }

  /** A person who stood at y, x does `dy` and `dx` more. */
  add(y: number, x: number, c: number, dy: number, dx: number): void {
    const sum = this.#sum;
    sum.y += dy;
    sum.x += dx;
    sum.yy += dy * (2 * y + dy);
    sum.xx += dx * (2 * x + dx);
    sum.yx += (y + dy) * (x + dx) - y * x;
    sum.yc += dy * c;
    sum.xc += dx * c;
  }

  now(): Moments {
    const n = this.#n;
    const sum = this.#sum;
    const by = Math.max(1, n - 1);
    const [y, x, c] = [sum.y / n, sum.x / n, sum.c / n];
    return {
      ...{ n, y: y || 0, x: x || 0, c: c || 0 },
      ...{ yy: (sum.yy - n * y * y) / by, xx: (sum.xx - n * x * x) / by, cc: (sum.cc - n * c * c) / by },
      ...{ yx: (sum.yx - n * y * x) / by, yc: (sum.yc - n * y * c) / by, xc: (sum.xc - n * x * c) / by },
    };
  }
}
