import type { Draw } from './draw.ts';

/** Pictures are SIZE units wide and high. */
export const SIZE = 512;
export type Point = readonly [x: number, y: number];

export const path = (points: readonly Point[]): string =>
  `M${points.map(([x, y]) => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`).join('L')}Z`;

/** A land line from left to right, closed at the bottom. `rough` from 0 (soft hills) to 1 (rock). */
export function ridge(draw: Draw, y: number, height: number, rough: number, bottom = SIZE + 10): Point[] {
  const waves = Array.from({ length: 7 }, (_, n) => ({
    size: height * 0.55 * (0.35 + 0.4 * rough) ** n * draw.between(0.7, 1.2),
    pace: ((1.3 * 1.9 ** n) / SIZE) * Math.PI * draw.between(0.8, 1.3),
    phase: draw.between(0, Math.PI * 2),
  }));
  const line = Array.from({ length: 131 }, (_, i): Point => {
    const x = -10 + (i * (SIZE + 20)) / 130;
    const rise = waves.reduce((sum, { size, pace, phase }) => {
      const wave = Math.sin(x * pace + phase);
      return sum + size * (1 - rough) * wave + size * rough * (1 - 2 * Math.abs(wave));
    }, 0);
    return [x, y - rise];
  });
  return [...line, [SIZE + 10, bottom], [-10, bottom]];
}

export const disc = (x: number, y: number, rx: number, ry = rx, steps = 40): Point[] =>
  Array.from({ length: steps }, (_, i): Point => {
    const turn = (i / steps) * Math.PI * 2;
    return [x + Math.cos(turn) * rx, y + Math.sin(turn) * ry];
  });

/** A round thing with an uneven edge: a cloud, a crown, a rock. */
export function blob(draw: Draw, x: number, y: number, rx: number, ry: number, uneven = 0.18): Point[] {
  const phases = [2, 3, 5, 7].map((waves) => ({
    waves,
    phase: draw.between(0, 6.3),
    size: draw.between(0.4, 1),
  }));
  return Array.from({ length: 48 }, (_, i): Point => {
    const turn = (i / 48) * Math.PI * 2;
    const bulge =
      1 +
      phases.reduce(
        (sum, { waves, phase, size }) =>
          sum + (uneven * size * Math.sin(turn * waves + phase)) / waves ** 0.6,
        0,
      );
    return [x + Math.cos(turn) * rx * bulge, y + Math.sin(turn) * ry * bulge];
  });
}

/** A cloud: flat below, heaped above. */
export function cloud(draw: Draw, x: number, y: number, width: number, height: number): Point[] {
  const bumps = draw.whole(3, 5);
  const tops: Point[] = [];
  for (let i = 0; i < bumps; i++) {
    const centre = x - width / 2 + (width * (i + 0.5)) / bumps;
    const tall = height * draw.between(0.55, 1) * Math.sin((Math.PI * (i + 0.7)) / (bumps + 0.4));
    for (let turn = 180; turn >= 0; turn -= 15) {
      const angle = (turn * Math.PI) / 180;
      tops.push([centre + (Math.cos(angle) * width * 0.62) / bumps, y - Math.sin(angle) * tall]);
    }
  }
  return [[x - width * 0.62, y], ...tops, [x + width * 0.62, y]];
}

/** A curve through the points (Catmull–Rom), closed or open. */
export function curve(points: readonly Point[], closed = true, steps = 8): Point[] {
  const at = (i: number): Point =>
    closed
      ? points[(i + points.length) % points.length]!
      : points[Math.max(0, Math.min(points.length - 1, i))]!;
  const out: Point[] = [];
  const segments = closed ? points.length : points.length - 1;
  for (let i = 0; i < segments; i++) {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    for (let s = 0; s < steps; s++)
      out.push([spline(a[0], b[0], c[0], d[0], s / steps), spline(a[1], b[1], c[1], d[1], s / steps)]);
  }
  if (!closed) out.push(points.at(-1)!);
  return out;
}

const spline = (a: number, b: number, c: number, d: number, t: number) =>
  0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t ** 3);

/** A line with a width that may change along it, as a closed outline. */
export function stroke(line: readonly Point[], widthAt: (part: number) => number): Point[] {
  const left: Point[] = [];
  const right: Point[] = [];
  line.forEach(([x, y], i) => {
    const [ax, ay] = line[Math.max(0, i - 1)]!;
    const [bx, by] = line[Math.min(line.length - 1, i + 1)]!;
    const length = Math.hypot(bx - ax, by - ay) || 1;
    const half = widthAt(i / Math.max(1, line.length - 1)) / 2;
    left.push([x - ((by - ay) / length) * half, y + ((bx - ax) / length) * half]);
    right.push([x + ((by - ay) / length) * half, y - ((bx - ax) / length) * half]);
  });
  return [...left, ...right.reverse()];
}

export const moved = (points: readonly Point[], dx: number, dy: number): Point[] =>
  points.map(([x, y]): Point => [x + dx, y + dy]);

export const box = (x: number, y: number, width: number, height: number): Point[] => [
  [x, y],
  [x + width, y],
  [x + width, y + height],
  [x, y + height],
];

export function bounds(points: readonly Point[]) {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}
