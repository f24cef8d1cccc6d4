import { mix, rgb, shade } from '../colour.ts';
import { blob, curve, disc, type Point, ridge, SIZE, stroke } from '../geometry.ts';
import { fir, paintBirds, paintClouds, paintSky, type Stage } from '../scene.ts';

/** Flowers from the far field to right before the eye. */
export function poppies(stage: Stage): void {
  const { draw, palette, ramp, horizon, add, unit } = stage;
  paintSky(stage, 44);
  paintClouds(stage, 4);
  add(ridge(draw, horizon - 38, 36, 0.4), 'land', 0.1, ramp(0.05), mix(ramp(0), rgb(palette.sky[1]), 0.5));
  add(ridge(draw, horizon - 10, 22, 0.2), 'land', 0.25, ramp(0.28), ramp(0.18));
  for (let n = 0; n < 7; n++)
    add(fir(draw, draw.between(0, SIZE), horizon - 4, draw.between(22, 44)), 'subject', 0.28, ramp(0.55));
  const grass = mix(ramp(0.5), rgb(palette.accents[1]), 0.12);
  add(ridge(draw, horizon + 8, 10, 0.1), 'land', 0.4, grass, ramp(0.85));
  const field = SIZE - horizon;
  for (let row = 0; row < 9; row++) {
    const near = (row + 1) / 9;
    const y = horizon + 12 + field * near ** 1.7 * 0.86;
    const size = (2.2 + 30 * near ** 2.1) * (0.75 + unit * 0.25);
    const count = Math.round(34 - row * 3.2);
    for (let n = 0; n < count; n++) {
      const x = ((n + draw.between(0, 1)) / count) * (SIZE + 40) - 20;
      const head: Point = [x + draw.between(-8, 8) * near, y - size * draw.between(0.6, 2.6)];
      if (row > 3) {
        const stem = curve(
          [[x, y + size * 2 + 20], [x + draw.between(-8, 8) * near, (y + head[1]) / 2 + size], head],
          false,
          6,
        );
        add(
          stroke(stem, () => 0.8 + near * 2.2),
          'detail',
          near,
          shade(ramp(0.55 + near * 0.25), -0.05),
        );
      }
      flower(stage, head, size, near);
    }
    for (let n = 0; n < 16; n++) {
      const gx = draw.between(-10, SIZE + 10);
      const tall = (10 + 60 * near ** 2) * draw.between(0.6, 1.2);
      add(
        [
          [gx - 1 - near * 2, y + 26 * near + 10],
          [gx + draw.between(-12, 12) * near, y - tall * 0.5],
          [gx + 1 + near * 2, y + 26 * near + 10],
        ],
        'detail',
        near,
        shade(ramp(0.45 + near * 0.4), draw.between(-0.12, 0.14)),
      );
    }
  }
  paintBirds(stage, 3);
}

function flower({ draw, palette, add }: Stage, [x, y]: Point, size: number, near: number) {
  const petal = mix(
    rgb(palette.accents[0]),
    rgb(palette.accents[1]),
    draw.chance(0.2) ? 0.8 : draw.between(0, 0.25),
  );
  if (size < 7) {
    add(disc(x, y, size, size * 0.75, 10), 'subject', near, petal, shade(petal, -0.15));
    return;
  }
  const turn = draw.between(0, 6.3);
  for (let n = 0; n < 4; n++) {
    const angle = turn + (n * Math.PI) / 2;
    const [px, py] = [x + Math.cos(angle) * size * 0.48, y + Math.sin(angle) * size * 0.34];
    add(
      blob(draw, px, py, size * 0.72, size * 0.56, 0.12),
      'subject',
      near,
      shade(petal, n % 2 ? 0.12 : -0.06),
      shade(petal, n % 2 ? -0.1 : -0.26),
    );
  }
  add(blob(draw, x, y, size * 0.24, size * 0.2, 0.2), 'detail', near, rgb(palette.ink));
  for (let n = 0; n < 6; n++)
    add(
      disc(x + Math.cos(n) * size * 0.32, y + Math.sin(n) * size * 0.25, size * 0.05, size * 0.05, 7),
      'detail',
      near,
      rgb(palette.paper),
    );
}
