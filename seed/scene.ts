import type { Rgb } from './colour.ts';
import { mix, rgb, shade } from './colour.ts';
import type { Draw } from './draw.ts';
import { blob, box, cloud, disc, moved, type Point, SIZE } from './geometry.ts';
import type { Framing, Palette } from './grammar.ts';

/** What a shape is; styles treat them differently. */
export type Part = 'sky' | 'light' | 'cloud' | 'land' | 'water' | 'subject' | 'detail' | 'frame';

/** The disc of the sun or moon, as against its glow and other lights. */
export const SUN_DEPTH = 0.02;

/** One thing in a picture, without style: an outline and its colour from top to bottom. */
export type Shape = {
  points: Point[];
  top: Rgb;
  bottom: Rgb;
  part: Part;
  /** 0 far … 1 near. */
  depth: number;
};

/** Everything a picture shows, from back to front. */
export type Scene = Shape[];

/** What a subject draws with. */
export type Stage = {
  draw: Draw;
  framing: Framing;
  palette: Palette;
  /** Colour of the ramp at a depth, 0 far … 1 near. */
  ramp(depth: number): Rgb;
  horizon: number;
  /** Where the subject stands, and units of it. */
  x: number;
  unit: number;
  add(points: Point[], part: Part, depth: number, top: Rgb, bottom?: Rgb): void;
};

export function openStage(draw: Draw, framing: Framing, palette: Palette): { stage: Stage; scene: Scene } {
  const scene: Scene = [];
  const ramp = (depth: number) => {
    const at = Math.max(0, Math.min(0.999, depth)) * 4;
    return mix(rgb(palette.ramp[Math.floor(at)]!), rgb(palette.ramp[Math.floor(at) + 1]!), at % 1);
  };
  const stage: Stage = {
    ...{ draw, framing, palette, ramp },
    horizon: framing.horizon * SIZE,
    x: (framing.x + draw.between(-0.03, 0.03)) * SIZE,
    unit: framing.scale,
    add: (points, part, depth, top, bottom = top) => scene.push({ points, part, depth, top, bottom }),
  };
  return { stage, scene };
}

/** Sky, and the sun or moon with its glow; returns where it stands. */
export function paintSky({ add, palette, draw, horizon }: Stage, sunSize = 34, sunX?: number): Point {
  const [top, bottom] = [rgb(palette.sky[0]), rgb(palette.sky[1])];
  add(box(-10, -10, SIZE + 20, SIZE + 20), 'sky', 0, top, bottom);
  const x = sunX ?? SIZE * draw.pick([0.24, 0.3, 0.7, 0.76]);
  const y = Math.max(50, horizon * draw.between(0.28, 0.5));
  const light = rgb(palette.light);
  const behind = mix(top, bottom, y / SIZE);
  for (const [size, share] of [
    [3.4, 0.14],
    [2.3, 0.28],
    [1.55, 0.45],
  ] as const)
    add(disc(x, y, sunSize * size), 'light', 0.01, mix(behind, light, share));
  add(disc(x, y, sunSize), 'light', SUN_DEPTH, light, mix(light, rgb(palette.accents[1]), 0.25));
  return [x, y];
}

export function paintClouds({ add, palette, draw, horizon }: Stage, count: number): void {
  const light = rgb(palette.light);
  const sky = rgb(palette.sky[1]);
  for (let n = 0; n < count; n++) {
    const y = draw.between(0.12, 0.72) * horizon;
    const width = draw.between(90, 190);
    const points = cloud(draw, draw.between(-20, SIZE + 20), y, width, width * draw.between(0.16, 0.26));
    add(points, 'cloud', 0.05 + n * 0.01, mix(light, sky, 0.1), mix(light, sky, 0.62));
  }
}

/** Water from a line down, lighter towards the horizon, with glints of the sun. */
export function paintWater({ add, palette, draw }: Stage, from: number, sunX: number): void {
  const water = rgb(palette.water);
  const light = rgb(palette.light);
  add(
    box(-10, from, SIZE + 20, SIZE - from + 10),
    'water',
    0.35,
    mix(water, rgb(palette.sky[1]), 0.45),
    shade(water, -0.32),
  );
  for (let y = from + 5, n = 0; y < SIZE; y += 6 + n * 1.4, n++) {
    const near = (y - from) / (SIZE - from + 1);
    for (let k = 0; k < 3; k++) {
      const width = draw.between(14, 60) * (0.5 + near);
      const spread = 26 + near * 90;
      const x = sunX + draw.between(-spread, spread);
      add(
        disc(x, y, width / 2, 1.2 + near * 2, 14),
        'detail',
        0.36,
        mix(water, light, draw.between(0.35, 0.8) * (1 - near * 0.5)),
      );
    }
    for (let k = 0; k < 2; k++) {
      const width = draw.between(30, 100) * (0.4 + near);
      add(
        disc(draw.between(0, SIZE), y + 2, width / 2, 0.8 + near * 1.6, 14),
        'detail',
        0.36,
        shade(water, draw.between(-0.22, 0.16)),
      );
    }
  }
}

/** Birds far off. */
export function paintBirds({ add, draw, palette, horizon }: Stage, count: number): void {
  const x = draw.between(0.2, 0.8) * SIZE;
  const y = horizon * draw.between(0.25, 0.55);
  for (let n = 0; n < count; n++) {
    const size = draw.between(5, 9);
    const [bx, by] = [x + draw.between(-60, 60), y + draw.between(-34, 34)];
    const wing = (side: number): Point[] => [
      [bx, by],
      [bx + side * size * 0.6, by - size * 0.55],
      [bx + side * size * 1.5, by - size * 0.25],
      [bx + side * size * 0.6, by - size * 0.25],
    ];
    for (const side of [-1, 1]) add(wing(side), 'detail', 0.2, rgb(palette.ink));
  }
}

/** A fir, from its foot up. */
export function fir(draw: Draw, x: number, foot: number, height: number): Point[] {
  const tiers = Math.max(4, Math.round(height / 16));
  const left: Point[] = [];
  const right: Point[] = [];
  for (let tier = 0; tier <= tiers; tier++) {
    const part = tier / tiers;
    const y = foot - height * (1 - part) - height * 0.06;
    const half = height * 0.21 * part * draw.between(0.85, 1.15);
    left.push([x - half, y + height * 0.03], [x - half * 0.5, y]);
    right.push([x + half, y + height * 0.03], [x + half * 0.5, y]);
  }
  const trunk = height * 0.025;
  return [
    [x, foot - height],
    ...left,
    [x - trunk, foot - height * 0.06],
    [x - trunk, foot],
    [x + trunk, foot],
    [x + trunk, foot - height * 0.06],
    ...right.reverse(),
  ];
}

/** Dark stone around the view, with a round top. */
export function paintArch({ add, palette, draw }: Stage): void {
  const ink = rgb(palette.ink);
  const [left, right, spring, foot] = [62, SIZE - 62, 205, SIZE - 34];
  const opening: Point[] = [[left, foot]];
  for (let turn = 180; turn >= 0; turn -= 6) {
    const angle = (turn * Math.PI) / 180;
    opening.push([
      (left + right) / 2 + (Math.cos(angle) * (right - left)) / 2,
      spring - Math.sin(angle) * 165,
    ]);
  }
  opening.push([right, foot]);
  const around: Point[] = [[-10, foot], ...opening, [SIZE + 10, foot], [SIZE + 10, -10], [-10, -10]];
  add(around, 'frame', 1, mix(ink, rgb(palette.ramp[4]), 0.35), ink);
  add(box(-10, foot - 1, SIZE + 20, 60), 'frame', 1, mix(ink, rgb(palette.ramp[4]), 0.6), ink);
  const rim = mix(ink, rgb(palette.light), 0.28);
  const inner = opening.map(
    ([x, y]): Point => [256 + (x - 256) * 0.972, spring + (y - spring) * (y < spring ? 0.965 : 1)],
  );
  add([...opening, ...inner.reverse()], 'frame', 1, rim, mix(ink, rim, 0.4));
  for (let n = 0; n < 9; n++) {
    const leaf = blob(
      draw,
      draw.between(20, 110),
      draw.between(330, 478),
      draw.between(12, 26),
      draw.between(8, 16),
      0.3,
    );
    add(
      n % 2
        ? leaf
        : moved(
            leaf.map(([x, y]): Point => [SIZE - x, y]),
            0,
            0,
          ),
      'frame',
      1,
      mix(ink, rgb(palette.ramp[3]), draw.between(0.4, 0.9)),
    );
  }
}
