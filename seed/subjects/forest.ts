import { mix, rgb, shade } from '../colour.ts';
import { box, curve, disc, type Point, ridge, SIZE } from '../geometry.ts';
import { fir, paintBirds, paintSky, type Stage } from '../scene.ts';

/** Rows of firs that fade into fog, a path, and light falling through. */
export function forest(stage: Stage): void {
  const { draw, palette, ramp, horizon, add, unit, x } = stage;
  const [sunX, sunY] = paintSky(stage, 40);
  const fog = mix(rgb(palette.sky[1]), rgb(palette.light), 0.35);
  add(ridge(draw, horizon - 110 * unit, 46, 0.5), 'land', 0.1, mix(ramp(0), fog, 0.3), fog);
  for (let row = 0; row < 5; row++) {
    const depth = 0.15 + row * 0.17;
    const foot = horizon - 55 + row * 34 * (0.8 + unit * 0.3);
    const height = (70 + row * 34) * (0.7 + unit * 0.4);
    const gap = row > 2 ? 40 + row * 16 : 0;
    const count = 17 - row * 2;
    for (let n = 0; n < count; n++) {
      const at = ((n + draw.between(0.1, 0.9)) / count) * (SIZE + 60) - 30;
      if (Math.abs(at - x) < gap) continue;
      const tone = mix(ramp(depth), fog, 0.5 - row * 0.1);
      add(
        fir(draw, at, foot + draw.between(-4, 8), height * draw.between(0.7, 1.25)),
        'subject',
        depth,
        shade(tone, -0.06),
        mix(tone, fog, 0.35),
      );
    }
    add(
      ridge(draw, foot - 2, 8, 0.2),
      'land',
      depth,
      mix(ramp(depth), fog, 0.62 - row * 0.11),
      mix(ramp(depth + 0.1), fog, 0.3 - row * 0.06),
    );
  }
  const path: Point[] = curve(
    [
      [x - 4, horizon + 62],
      [x + 26, horizon + 84],
      [x - 40, SIZE + 20],
      [x + 150, SIZE + 20],
      [x + 52, horizon + 84],
      [x + 3, horizon + 62],
    ],
    true,
  );
  add(
    path,
    'land',
    0.85,
    mix(rgb(palette.light), ramp(0.2), 0.45),
    mix(rgb(palette.accents[1]), ramp(0.6), 0.55),
  );
  for (const side of [0.04, 0.95]) {
    const at = SIZE * (side + draw.between(-0.03, 0.03));
    add(box(at - 13, 40, 26, SIZE), 'subject', 0.98, ramp(0.92), rgb(palette.ink));
    for (let n = 0; n < 5; n++)
      add(
        fir(draw, at + draw.between(-36, 36), 120 + n * 70, 150),
        'subject',
        0.98,
        shade(ramp(1), -0.05),
        ramp(0.95),
      );
  }
  for (let n = 0; n < 18; n++) {
    const size = draw.between(1.4, 3.2);
    add(
      disc(draw.between(40, SIZE - 40), draw.between(sunY, SIZE - 40), size, size, 10),
      'detail',
      0.9,
      rgb(draw.chance(0.5) ? palette.light : palette.accents[1]),
    );
  }
  paintBirds(stage, sunX > 0 ? 3 : 0);
}
