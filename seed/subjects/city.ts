import { mix, rgb, shade } from '../colour.ts';
import { box, disc, type Point, SIZE } from '../geometry.ts';
import { paintBirds, paintClouds, paintSky, paintWater, type Stage } from '../scene.ts';

/** Three rows of towers with lit windows, mirrored in the water. */
export function city(stage: Stage): void {
  const { draw, palette, ramp, horizon, add, unit, x } = stage;
  const [sunX] = paintSky(stage, 52);
  paintClouds(stage, 3);
  for (let row = 0; row < 3; row++) {
    const depth = 0.15 + row * 0.28;
    const haze = mix(ramp(depth), rgb(palette.sky[1]), 0.5 - row * 0.18);
    for (let left = -20; left < SIZE + 10; ) {
      const width = draw.between(22, 46) * (0.7 + unit * 0.3 + row * 0.12);
      const nearness = Math.exp(-(((left + width / 2 - x) / 150) ** 2));
      const height = (draw.between(40, 95) + nearness * (165 - row * 38)) * (0.6 + unit * 0.4);
      tower(stage, left, Math.max(36, horizon - height), width, depth, haze, row);
      left += width + draw.between(-2, row === 2 ? 18 : 5);
    }
  }
  paintWater(stage, horizon, sunX);
  for (let n = 0; n < 40; n++) {
    const y = horizon + 4 + draw.between(0, 1) ** 1.6 * (SIZE - horizon);
    const width = draw.between(4, 16);
    add(
      disc(x + draw.normal() * 120, y, width, 1.4, 10),
      'detail',
      0.5,
      rgb(draw.pick([palette.accents[0], palette.accents[1], palette.light])),
    );
  }
  add(box(-10, horizon - 3, SIZE + 20, 6), 'land', 0.8, ramp(0.9));
  paintBirds(stage, 4);
}

function tower(
  { draw, palette, ramp, horizon, add }: Stage,
  x: number,
  top: number,
  width: number,
  depth: number,
  haze: readonly [number, number, number],
  row: number,
) {
  const roofs: Point[][] = [
    [
      [x, top],
      [x + width, top],
    ],
    [
      [x, top],
      [x + width * 0.5, top - width * 0.7],
      [x + width, top],
    ],
    [
      [x, top],
      [x + width * 0.2, top],
      [x + width * 0.2, top - 12],
      [x + width * 0.44, top - 12],
      [x + width * 0.48, top - 40],
      [x + width * 0.52, top - 12],
      [x + width * 0.8, top - 12],
      [x + width * 0.8, top],
      [x + width, top],
    ],
    [
      [x, top + width * 0.4],
      [x + width, top],
    ],
    [
      [x, top],
      [x + width * 0.25, top - width * 0.3],
      [x + width * 0.75, top - width * 0.3],
      [x + width, top],
    ],
  ];
  const outline: Point[] = [[x, horizon], ...draw.pick(roofs), [x + width, horizon]];
  add(outline, 'subject', depth, shade(ramp(depth + 0.2), 0.03), haze);
  add(
    box(x + width * 0.72, top + 8, width * 0.28, horizon - top - 8),
    'detail',
    depth,
    shade(ramp(depth + 0.3), -0.12),
    mix(haze, ramp(depth + 0.3), 0.5),
  );
  if (row === 0) return;
  const step = row === 1 ? 10 : 13;
  for (let wy = top + 14; wy < horizon - 12; wy += step)
    for (let wx = x + 4; wx < x + width - 6; wx += step * 0.72)
      if (draw.chance(row === 1 ? 0.3 : 0.42))
        add(
          box(wx, wy, step * 0.36, step * 0.46),
          'detail',
          depth,
          rgb(draw.pick([palette.light, palette.accents[1], palette.accents[1], palette.accents[0]])),
        );
}
