import { mix, rgb, shade } from '../colour.ts';
import { box, curve, disc, type Point, SIZE } from '../geometry.ts';
import { paintBirds, paintClouds, paintSky, paintWater, type Stage } from '../scene.ts';

/** A striped tower on a cliff, its beam over the sea. */
export function lighthouse(stage: Stage): void {
  const { draw, palette, ramp, horizon, add, unit, x } = stage;
  const side = x < SIZE / 2 ? 1 : -1;
  const [sunX] = paintSky(stage, 34, SIZE / 2 + side * SIZE * 0.27);
  paintClouds(stage, 4);
  paintWater(stage, horizon, sunX);
  const base = horizon - 8;
  const tall = Math.min(232 * unit, base - 46);
  const lamp: Point = [x, base - tall];
  const glow = mix(rgb(palette.light), rgb(palette.sky[1]), 0.42);
  const far = (angle: number): Point => [x + Math.cos(angle) * 620 * side, lamp[1] + Math.sin(angle) * 620];
  add([lamp, far(-0.2), far(-0.02)], 'light', 0.3, glow, mix(glow, rgb(palette.sky[1]), 0.4));
  const cliff = curve([
    [x - side * 380, base + 40],
    [x - side * 120, base + 6],
    [x - side * 30, base],
    [x + side * 60 * unit, base + 4],
    [x + side * 96 * unit, base + 46],
    [x + side * 84 * unit, base + 96],
    [x + side * 130 * unit, SIZE + 30],
    [x - side * 380, SIZE + 30],
  ]);
  add(cliff, 'land', 0.7, mix(ramp(0.6), rgb(palette.accents[1]), 0.16), ramp(1));
  for (let n = 0; n < 7; n++) {
    const y = base + 26 + n * 24;
    add(
      curve([
        [x - side * (200 + n * 14), y + 20],
        [x - side * 40, y + draw.between(-8, 8)],
        [x + side * (62 + n * 3) * unit, y + 6],
        [x - side * 10, y + 16],
      ]),
      'detail',
      0.72,
      shade(ramp(0.72 + n * 0.03), n % 2 ? 0.1 : -0.14),
    );
  }
  const half = (part: number) => (25 - 9 * part) * unit;
  const bands = 7;
  for (let n = 0; n < bands; n++) {
    const [a, b] = [n / bands, (n + 1) / bands];
    const [ya, yb] = [base + 2 - tall * 0.84 * a, base + 2 - tall * 0.84 * b];
    const colour = n % 2 ? rgb(palette.paper) : rgb(palette.accents[0]);
    add(
      [
        [x - half(a), ya],
        [x + half(a), ya],
        [x + half(b), yb],
        [x - half(b), yb],
      ],
      'subject',
      0.8,
      colour,
    );
    add(
      [
        [x - side * half(a) * 0.25, ya],
        [x - side * half(a), ya],
        [x - side * half(b), yb],
        [x - side * half(b) * 0.25, yb],
      ],
      'subject',
      0.8,
      shade(colour, -0.24),
    );
  }
  const top = base + 2 - tall * 0.84;
  const dark = rgb(palette.ink);
  add(box(x - 23 * unit, top - 6 * unit, 46 * unit, 7 * unit), 'subject', 0.82, dark);
  add(
    box(x - 13 * unit, top - 32 * unit, 26 * unit, 26 * unit),
    'light',
    0.82,
    rgb(palette.light),
    rgb(palette.accents[1]),
  );
  for (const bar of [-13, -1, 11])
    add(box(x + bar * unit, top - 32 * unit, 2.4 * unit, 26 * unit), 'detail', 0.82, dark);
  add(
    [
      [x - 19 * unit, top - 31 * unit],
      [x, top - 54 * unit],
      [x + 19 * unit, top - 31 * unit],
    ],
    'subject',
    0.82,
    shade(rgb(palette.accents[0]), -0.2),
  );
  for (const part of [0.2, 0.5])
    add(disc(x + side * 3, base - tall * 0.84 * part, 4 * unit, 6 * unit, 14), 'detail', 0.82, dark);
  const house = x - side * 66 * unit;
  add(
    box(house - 27 * unit, base - 26 * unit, 54 * unit, 34 * unit),
    'subject',
    0.78,
    rgb(palette.paper),
    mix(rgb(palette.paper), ramp(0.4), 0.4),
  );
  add(
    [
      [house - 33 * unit, base - 25 * unit],
      [house, base - 50 * unit],
      [house + 33 * unit, base - 25 * unit],
    ],
    'subject',
    0.79,
    shade(rgb(palette.accents[0]), -0.3),
  );
  add(box(house - 6 * unit, base - 16 * unit, 12 * unit, 12 * unit), 'light', 0.8, rgb(palette.accents[1]));
  for (let n = 0; n < 12; n++)
    add(
      disc(
        x + side * draw.between(80, 150) * unit,
        SIZE - draw.between(0, SIZE - base - 60),
        draw.between(5, 15),
        draw.between(2, 5),
        14,
      ),
      'detail',
      0.85,
      rgb(palette.paper),
    );
  paintBirds(stage, 5);
}
