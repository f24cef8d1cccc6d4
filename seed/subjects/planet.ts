import { mix, rgb, shade } from '../colour.ts';
import { blob, box, disc, type Point, ridge, SIZE } from '../geometry.ts';
import type { Stage } from '../scene.ts';

/** A banded planet with a ring over the rocks of its moon. */
export function planet(stage: Stage): void {
  const { draw, palette, ramp, horizon, add, x, unit } = stage;
  const night = mix(rgb(palette.ink), rgb(palette.sky[0]), 0.3);
  add(
    box(-10, -10, SIZE + 20, SIZE + 20),
    'sky',
    0,
    night,
    mix(rgb(palette.sky[0]), rgb(palette.sky[1]), 0.35),
  );
  for (let n = 0; n < 5; n++) {
    const tone = mix(night, rgb(draw.pick([palette.accents[0], palette.sky[1], palette.ramp[1]])), 0.22);
    add(
      blob(
        draw,
        draw.between(0, SIZE),
        draw.between(0, horizon),
        draw.between(80, 170),
        draw.between(24, 60),
        0.3,
      ),
      'cloud',
      0.02,
      tone,
      mix(tone, night, 0.5),
    );
  }
  for (let n = 0; n < 110; n++) {
    const size = draw.between(0.5, 1.1) + draw.between(0, 1) ** 6 * 2.4;
    add(
      disc(draw.between(0, SIZE), draw.between(0, horizon + 20), size, size, 8),
      'light',
      0.03,
      mix(rgb(palette.light), night, draw.between(0, 0.5)),
    );
  }
  const r = 112 * unit;
  const y = Math.max(r * 0.85, horizon - r * 1.32);
  const tilt = draw.between(-0.32, -0.18);
  ring(stage, x, y, r, tilt, false);
  add(disc(x, y, r * 1.1), 'light', 0.1, mix(night, rgb(palette.accents[1]), 0.3));
  add(disc(x, y, r, r, 64), 'subject', 0.2, rgb(palette.accents[1]), rgb(palette.accents[0]));
  for (let n = 0; n < 9; n++) {
    const from = -0.92 + n * 0.205;
    const to = from + draw.between(0.06, 0.17);
    add(
      band(x, y, r, from, to, tilt),
      'subject',
      0.22,
      mix(rgb(n % 2 ? palette.accents[0] : palette.paper), rgb(palette.accents[1]), draw.between(0.2, 0.6)),
    );
  }
  add(
    blob(draw, x + r * 0.3, y + r * 0.28, r * 0.16, r * 0.08, 0.1),
    'detail',
    0.23,
    shade(rgb(palette.accents[0]), -0.2),
  );
  const night2 = Array.from(
    { length: 41 },
    (_, i): Point => [
      x + Math.cos(-0.9 + (i / 40) * Math.PI) * r,
      y + Math.sin(-0.9 + (i / 40) * Math.PI) * r,
    ],
  );
  const inner = Array.from({ length: 41 }, (_, i): Point => {
    const [px, py] = night2[40 - i]!;
    const depth = 0.42 * Math.sin((i / 40) * Math.PI);
    return [px + (x - 40 * unit - px) * depth, py + (y - 30 * unit - py) * depth];
  });
  add(
    [...night2, ...inner],
    'subject',
    0.24,
    mix(shade(rgb(palette.accents[0]), -0.45), night, 0.35),
    mix(shade(rgb(palette.accents[0]), -0.6), night, 0.5),
  );
  ring(stage, x, y, r, tilt, true);
  const [mx, my] = [SIZE - x + (x < 256 ? -20 : 20), y * 0.52 + 20];
  add(disc(mx, my, 24, 24), 'subject', 0.15, rgb(palette.paper), ramp(0.2));
  for (let n = 0; n < 5; n++)
    add(
      disc(
        mx + draw.between(-14, 14),
        my + draw.between(-14, 14),
        draw.between(2, 5),
        draw.between(2, 4),
        12,
      ),
      'detail',
      0.16,
      mix(rgb(palette.paper), ramp(0.4), 0.5),
    );
  add(ridge(draw, horizon, 42, 0.8), 'land', 0.5, ramp(0.35), ramp(0.6));
  add(ridge(draw, horizon + 46, 46, 0.9), 'land', 0.7, ramp(0.62), ramp(0.85));
  for (let n = 0; n < 8; n++) {
    const cy = horizon + 76 + n * 14;
    add(
      disc(draw.between(0, SIZE), cy, draw.between(14, 40), draw.between(3, 8)),
      'detail',
      0.75,
      shade(ramp(0.8), -0.2),
      ramp(0.7),
    );
  }
  add(ridge(draw, Math.min(SIZE - 20, horizon + 118), 40, 1), 'land', 0.95, ramp(0.9), rgb(palette.ink));
}

/** Between two latitudes (sines), leaning with the planet. */
function band(x: number, y: number, r: number, from: number, to: number, tilt: number): Point[] {
  const edge = (latitude: number): Point[] => {
    const half = Math.sqrt(Math.max(0, 1 - latitude ** 2));
    return Array.from({ length: 21 }, (_, i): Point => {
      const across = -half + (2 * half * i) / 20;
      const down = latitude + 0.08 * (half ** 2 - across ** 2);
      return turned(x, y, across * r, Math.min(down, Math.sqrt(Math.max(0, 1 - across ** 2))) * r, tilt);
    });
  };
  return [...edge(from), ...edge(Math.min(1, to)).reverse()];
}

/** The far half before, the near half after the planet is drawn. */
function ring({ add, palette }: Stage, x: number, y: number, r: number, tilt: number, near: boolean) {
  for (const [inner, outer, share] of [
    [1.32, 1.52, 0.15],
    [1.56, 1.86, 0.45],
    [1.9, 1.98, 0.3],
  ] as const) {
    const half = (size: number): Point[] =>
      Array.from({ length: 33 }, (_, i): Point => {
        const turn = (near ? 0 : Math.PI) + (i / 32) * Math.PI;
        return turned(x, y, Math.cos(turn) * r * size, Math.sin(turn) * r * size * 0.24, tilt);
      });
    const colour = mix(rgb(palette.paper), rgb(palette.ramp[2]), share + (near ? 0 : 0.2));
    add([...half(inner), ...half(outer).reverse()], 'subject', near ? 0.3 : 0.12, colour);
  }
}

const turned = (x: number, y: number, dx: number, dy: number, tilt: number): Point => [
  x + dx * Math.cos(tilt) - dy * Math.sin(tilt),
  y + dx * Math.sin(tilt) + dy * Math.cos(tilt),
];
