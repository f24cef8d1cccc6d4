import { mix, rgb, shade } from '../colour.ts';
import { type Point, ridge, SIZE } from '../geometry.ts';
import { fir, paintBirds, paintClouds, paintSky, paintWater, type Stage } from '../scene.ts';

/** Peaks with snow on their lit side, a lake, firs in front. */
export function mountains(stage: Stage): void {
  const { draw, palette, ramp, horizon, add, unit } = stage;
  const [sunX] = paintSky(stage);
  paintClouds(stage, 3);
  add(
    ridge(draw, horizon - 60 * unit, 55 * unit, 0.7),
    'land',
    0.1,
    ramp(0),
    mix(ramp(0), rgb(palette.sky[1]), 0.4),
  );
  const peaks = [
    [stage.x - 150 * unit, 130],
    [stage.x + 165 * unit, 150],
    [stage.x, 225],
  ] as const;
  for (const [n, [x, height]] of peaks.entries())
    peak(stage, x, Math.min(height * unit, horizon - 30), 0.25 + n * 0.12, sunX);
  paintWater(stage, horizon, sunX);
  add(ridge(draw, horizon + 3, 5, 0.4, horizon + 12), 'land', 0.6, ramp(0.72));
  for (let n = 0; n < 9; n++) {
    const x = n < 5 ? draw.between(-10, SIZE * 0.34) : draw.between(SIZE * 0.72, SIZE + 10);
    const edge = Math.abs(x - SIZE / 2) / SIZE;
    add(
      fir(draw, x, SIZE + 8 - edge * 20, draw.between(80, 190) * (0.5 + edge)),
      'subject',
      0.95,
      shade(ramp(0.95), 0.08),
      ramp(1),
    );
  }
  add(ridge(draw, SIZE - 24, 14, 0.3), 'land', 1, shade(ramp(1), 0.05), rgb(palette.ink));
  paintBirds(stage, 4);
}

function peak(
  { draw, palette, ramp, horizon, add, framing }: Stage,
  x: number,
  height: number,
  depth: number,
  sunX: number,
) {
  const half = height * draw.between(0.85, 1.05) * (framing.scale > 1 ? 0.9 : 1);
  const top = horizon - height;
  const flank = (side: number): Point[] =>
    Array.from({ length: 12 }, (_, i): Point => {
      const part = (i + 1) / 12;
      const wobble = i === 11 ? 0 : draw.between(-0.05, 0.05) * half;
      return [x + side * half * part + wobble, top + height * part ** 1.08 + wobble * 0.4];
    });
  const [left, right] = [flank(-1), flank(1)];
  const spine: Point[] = Array.from(
    { length: 9 },
    (_, i): Point => [x + draw.between(-0.07, 0.1) * half * (i / 4), top + (height * (i + 1)) / 9],
  );
  const lit = sunX < x ? -1 : 1;
  const [bright, dark] = [mix(ramp(depth), rgb(palette.light), 0.22), shade(ramp(depth + 0.14), -0.08)];
  const haze = mix(ramp(depth), rgb(palette.sky[1]), 0.45);
  add(
    [[x, top], ...right, [x, horizon], ...[...spine].reverse()],
    'subject',
    depth,
    lit > 0 ? bright : dark,
    haze,
  );
  add([[x, top], ...spine, [x, horizon], ...left.reverse()], 'subject', depth, lit < 0 ? bright : dark, haze);
  const snow = mix(rgb(palette.paper), rgb(palette.light), 0.3);
  const line = 0.3 + draw.between(0, 0.12);
  const cap = (side: number): Point[] => {
    const edge: Point[] = [[x, top]];
    for (let i = 1; i <= 3; i++)
      edge.push([x + (side * half * line * i) / 3 + side * 2, top + (height * line * i) / 3]);
    for (let i = 4; i >= 0; i--)
      edge.push([
        x + side * half * line * (i / 5),
        top + height * line * (i % 2 ? 0.72 : 1.22) * draw.between(0.92, 1.08),
      ]);
    return edge;
  };
  add(cap(lit), 'detail', depth, snow);
  add(cap(-lit), 'detail', depth, mix(snow, ramp(depth), 0.38), mix(snow, ramp(depth), 0.55));
}
