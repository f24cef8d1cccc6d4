import { mix, rgb, shade } from '../colour.ts';
import type { Draw } from '../draw.ts';
import { blob, curve, disc, type Point, ridge, SIZE, stroke } from '../geometry.ts';
import { paintBirds, paintClouds, paintSky, type Stage } from '../scene.ts';

/** One old tree before a great sun; leaves in the wind. */
export function tree(stage: Stage): void {
  const { draw, palette, ramp, horizon, add, x, unit } = stage;
  paintSky(
    stage,
    84 * (0.7 + unit * 0.3),
    Math.max(110, Math.min(SIZE - 110, x + (x < SIZE / 2 ? 70 : -60))),
  );
  paintClouds(stage, 2);
  add(ridge(draw, horizon - 26, 34, 0.35), 'land', 0.12, ramp(0.08), mix(ramp(0), rgb(palette.sky[1]), 0.45));
  add(ridge(draw, horizon + 6, 24, 0.15), 'land', 0.3, ramp(0.32), ramp(0.22));
  const foot = horizon + 22;
  const tall = Math.min(235 * unit, foot - 44);
  const tips: Point[] = [];
  const limbs: { line: Point[]; width: number }[] = [];
  grow(draw, [x, foot + 8], -Math.PI / 2 + draw.between(-0.08, 0.08), tall * 0.4, 30 * unit, 0, limbs, tips);
  const leaf = [
    mix(ramp(0.6), rgb(palette.accents[0]), 0.35),
    mix(ramp(0.45), rgb(palette.accents[0]), 0.6),
    rgb(palette.accents[0]),
    mix(rgb(palette.accents[0]), rgb(palette.accents[1]), 0.6),
    rgb(palette.accents[1]),
  ];
  const crown = (share: number, tone: number, lift: number) => {
    for (const [tx, ty] of tips)
      if (draw.chance(share))
        add(
          blob(
            draw,
            tx + draw.between(-14, 14) * unit,
            ty + lift + draw.between(-8, 8),
            draw.between(20, 34) * unit,
            draw.between(14, 24) * unit,
            0.24,
          ),
          'subject',
          0.6 + tone * 0.02,
          leaf[tone]!,
          shade(leaf[tone]!, -0.14),
        );
  };
  crown(0.9, 0, 9);
  crown(0.7, 1, 3);
  for (const { line, width } of limbs)
    add(
      stroke(line, (part) => width * (1 - part * 0.45)),
      'subject',
      0.62,
      ramp(0.95),
      rgb(palette.ink),
    );
  crown(0.55, 2, -4);
  crown(0.34, 3, -11);
  crown(0.2, 4, -16);
  add(
    curve([
      [-20, foot + 50],
      [x - 150, foot + 22],
      [x, foot - 4],
      [x + 150, foot + 24],
      [SIZE + 20, foot + 60],
      [SIZE + 20, SIZE + 30],
      [-20, SIZE + 30],
    ]),
    'land',
    0.7,
    mix(ramp(0.55), rgb(palette.accents[1]), 0.16),
    ramp(0.95),
  );
  for (let n = 0; n < 80; n++) {
    const gx = draw.between(0, SIZE);
    const gy = foot + 30 + draw.between(0, 1) * (SIZE - foot);
    const size = 5 + ((gy - foot) / (SIZE - foot)) * 13;
    add(
      [
        [gx - 1.2, gy],
        [gx + draw.between(-4, 4), gy - size],
        [gx + 1.2, gy],
      ],
      'detail',
      0.8,
      shade(ramp(draw.between(0.6, 0.9)), draw.between(-0.1, 0.2)),
    );
  }
  for (let n = 0; n < 26; n++) {
    const size = draw.between(2, 4.4);
    add(
      disc(x + draw.between(-60, 240), foot - draw.between(-60, tall), size, size * 0.6, 8),
      'detail',
      0.8,
      leaf[draw.whole(1, 4)]!,
    );
  }
  paintBirds(stage, 4);
}

function grow(
  draw: Draw,
  from: Point,
  angle: number,
  length: number,
  width: number,
  level: number,
  limbs: { line: Point[]; width: number }[],
  tips: Point[],
) {
  const bend = draw.between(-0.3, 0.3);
  const middle: Point = [
    from[0] + Math.cos(angle + bend) * length * 0.5,
    from[1] + Math.sin(angle + bend) * length * 0.5,
  ];
  const end: Point = [from[0] + Math.cos(angle) * length, from[1] + Math.sin(angle) * length];
  limbs.push({ line: curve([from, middle, end], false, 6), width });
  if (level >= 2) tips.push(end, middle);
  if (level === 4) return;
  const turns = level === 0 ? [-0.75, -0.2, 0.35, 0.85] : [-0.5, 0.55];
  for (const turn of turns)
    grow(
      draw,
      end,
      angle + turn + draw.between(-0.16, 0.16),
      length * draw.between(0.62, 0.8),
      width * 0.58,
      level + 1,
      limbs,
      tips,
    );
}
