import { mix, rgb, shade } from '../colour.ts';
import { box, curve, type Point, ridge, SIZE, stroke } from '../geometry.ts';
import { fir, paintBirds, paintClouds, paintSky, type Stage } from '../scene.ts';

/** Striped balloons at different distances over a river valley. */
export function balloons(stage: Stage): void {
  const { draw, palette, ramp, horizon, add, unit, x } = stage;
  paintSky(stage, 40);
  paintClouds(stage, 5);
  for (const [y, height, depth] of [
    [-40, 40, 0.1],
    [-8, 30, 0.3],
    [26, 22, 0.5],
  ] as const)
    add(
      ridge(draw, horizon + y, height, 0.35),
      'land',
      depth,
      ramp(depth),
      mix(ramp(depth), rgb(palette.sky[1]), 0.45 - depth * 0.5),
    );
  const river: Point[] = curve([
    [x - 10, horizon + 40],
    [x + 4, horizon + 40],
    [x + 50, horizon + 66],
    [x - 10, horizon + 100],
    [x + 90, SIZE + 30],
    [x - 60, SIZE + 30],
    [x - 70, horizon + 100],
    [x + 22, horizon + 64],
  ]);
  add(river, 'water', 0.6, mix(rgb(palette.water), rgb(palette.light), 0.45), rgb(palette.water));
  for (let n = 0; n < 22; n++) {
    const fx = draw.between(-10, SIZE + 10);
    if (Math.abs(fx - x) > 90)
      add(
        fir(draw, fx, horizon + draw.between(50, SIZE - horizon + 20), draw.between(24, 60)),
        'subject',
        0.65,
        ramp(0.8),
        ramp(0.95),
      );
  }
  const spots = [
    [-0.36, 0.34, 0.34],
    [0.3, 0.22, 0.42],
    [0.4, 0.62, 0.26],
    [-0.22, 0.74, 0.2],
    [0, 0.46, 1],
  ] as const;
  for (const [dx, y, size] of spots) {
    const bx = ((x / SIZE + dx + 1) % 1) * SIZE;
    balloon(
      stage,
      dx === 0 ? x : bx,
      Math.max(82 * size * unit, y * horizon),
      78 * size * (0.5 + unit * 0.5),
      0.4 + size * 0.5,
    );
  }
  paintBirds(stage, 4);
}

function balloon({ draw, palette, ramp, add }: Stage, x: number, y: number, r: number, depth: number) {
  const stripes = draw.shuffled([
    rgb(palette.accents[0]),
    rgb(palette.accents[1]),
    rgb(palette.paper),
    ramp(0.7),
  ]);
  const gores = 7;
  const meridian = (side: number): Point[] =>
    Array.from({ length: 15 }, (_, i): Point => {
      const part = i / 14;
      const wide =
        part < 0.45
          ? Math.sqrt(1 - (1 - part / 0.45) ** 2)
          : 0.18 + 0.82 * Math.cos(((part - 0.45) / 0.55) * (Math.PI / 2)) ** 0.8;
      return [x + side * r * wide, y - r + part * r * 2.2];
    });
  for (let n = 0; n < gores; n++) {
    const [a, b] = [-1 + (2 * n) / gores, -1 + (2 * (n + 1)) / gores].map((side) =>
      Math.sin((side * Math.PI) / 2),
    ) as [number, number];
    const colour = shade(stripes[n % 3]!, 0.12 - 0.3 * (n / gores));
    add([...meridian(a), ...meridian(b).reverse()], 'subject', depth, colour, shade(colour, -0.22));
  }
  const foot = y + r * 1.2;
  for (const side of [-0.16, 0.16])
    add(
      stroke(
        [
          [x + side * r, foot],
          [x + side * r * 0.8, foot + r * 0.3],
        ],
        () => Math.max(0.7, r * 0.02),
      ),
      'detail',
      depth,
      rgb(palette.ink),
    );
  add(
    box(x - r * 0.17, foot + r * 0.28, r * 0.34, r * 0.26),
    'subject',
    depth,
    mix(rgb(palette.accents[1]), rgb(palette.ink), 0.45),
    rgb(palette.ink),
  );
}
