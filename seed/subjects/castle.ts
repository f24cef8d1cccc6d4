import { mix, rgb, shade } from '../colour.ts';
import { box, curve, disc, ridge, SIZE } from '../geometry.ts';
import { fir, paintBirds, paintClouds, paintSky, type Stage } from '../scene.ts';

/** Towers with pointed roofs on a hill, a road up to the gate. */
export function castle(stage: Stage): void {
  const { draw, palette, ramp, horizon, add, unit, x } = stage;
  paintSky(stage, 42);
  paintClouds(stage, 4);
  add(ridge(draw, horizon - 46, 44, 0.6), 'land', 0.1, ramp(0.05), mix(ramp(0), rgb(palette.sky[1]), 0.5));
  add(ridge(draw, horizon - 6, 30, 0.3), 'land', 0.25, ramp(0.28), mix(ramp(0.2), rgb(palette.sky[1]), 0.4));
  const base = horizon + 4;
  const hill = curve([
    [x - 330, base + 130],
    [x - 170 * unit, base + 34],
    [x - 70 * unit, base - 8],
    [x + 70 * unit, base - 8],
    [x + 180 * unit, base + 40],
    [x + 340, base + 150],
    [x + 340, SIZE + 40],
    [x - 330, SIZE + 40],
  ]);
  const wall = mix(rgb(palette.paper), ramp(0.2), 0.34);
  const towers = [
    [-82, 96, 17],
    [78, 110, 18],
    [-48, 138, 15],
    [46, 156, 16],
    [4, 200, 21],
    [-16, 118, 13],
    [24, 124, 13],
  ] as const;
  for (const [dx, height, half] of towers.slice(2, 5))
    turret(stage, x + dx * unit, base, height * unit, half * unit, wall);
  add(
    box(x - 90 * unit, base - 58 * unit, 176 * unit, 66 * unit),
    'subject',
    0.55,
    wall,
    mix(wall, ramp(0.6), 0.35),
  );
  for (let n = 0; n < 13; n++)
    add(box(x + (-90 + n * 13.8) * unit, base - 66 * unit, 8 * unit, 9 * unit), 'subject', 0.55, wall);
  for (const [dx, height, half] of [towers[0], towers[1], towers[5], towers[6]])
    turret(stage, x + dx * unit, base, height * unit, half * unit, mix(wall, rgb(palette.light), 0.2));
  add(box(x - 9 * unit, base - 22 * unit, 26 * unit, 30 * unit), 'detail', 0.6, rgb(palette.ink));
  add(disc(x + 4 * unit, base - 22 * unit, 13 * unit, 14 * unit), 'detail', 0.6, rgb(palette.ink));
  add(hill, 'land', 0.65, mix(ramp(0.55), rgb(palette.accents[1]), 0.12), ramp(0.9));
  add(
    curve([
      [x - 6, base - 2],
      [x + 20, base - 2],
      [x + 74, base + 46],
      [x + 6, base + 90],
      [x + 120, SIZE + 30],
      [x - 40, SIZE + 30],
      [x - 44, base + 92],
      [x + 38, base + 44],
    ]),
    'land',
    0.7,
    mix(rgb(palette.light), ramp(0.3), 0.3),
    mix(rgb(palette.accents[1]), ramp(0.5), 0.5),
  );
  for (let n = 0; n < 26; n++) {
    const px = draw.between(-20, SIZE + 20);
    const py = base + 74 + Math.abs(px - x) * 0.22 + draw.between(0, 90);
    if (Math.abs(px - x) > 100)
      add(
        fir(draw, px, py, draw.between(44, 96)),
        'subject',
        0.8,
        shade(ramp(0.85), draw.between(-0.08, 0.1)),
        ramp(1),
      );
  }
  paintBirds(stage, 6);
}

function turret(
  { add, palette, ramp, draw }: Stage,
  x: number,
  base: number,
  height: number,
  half: number,
  wall: readonly [number, number, number],
) {
  const top = base - height;
  add(box(x - half, top, half * 2, height + 6), 'subject', 0.5, wall, mix(wall, ramp(0.6), 0.35));
  add(
    box(x + half * 0.3, top, half * 0.7, height + 6),
    'subject',
    0.5,
    shade(wall, -0.22),
    mix(wall, ramp(0.75), 0.5),
  );
  add(box(x - half * 1.18, top - 3, half * 2.36, half * 0.5), 'subject', 0.52, shade(wall, -0.1));
  const roof = rgb(palette.accents[0]);
  add(
    [
      [x - half * 1.35, top - 2],
      [x, top - half * 3.3],
      [x + half * 1.35, top - 2],
    ],
    'subject',
    0.53,
    roof,
    shade(roof, -0.12),
  );
  add(
    [
      [x + half * 0.3, top - 2],
      [x, top - half * 3.3],
      [x + half * 1.35, top - 2],
    ],
    'subject',
    0.53,
    shade(roof, -0.3),
  );
  add(box(x - 0.8, top - half * 4.1, 1.6, half), 'detail', 0.54, rgb(palette.ink));
  add(
    [
      [x, top - half * 4.1],
      [x + half * 1.1, top - half * 3.8],
      [x, top - half * 3.5],
    ],
    'detail',
    0.54,
    rgb(palette.accents[1]),
  );
  for (let n = 0; n < 2; n++)
    if (draw.chance(0.85))
      add(
        box(x - half * 0.42, top + half * (0.9 + n * 2.1), half * 0.46, half * 0.9),
        'light',
        0.54,
        n ? rgb(palette.ink) : rgb(palette.accents[1]),
      );
}
