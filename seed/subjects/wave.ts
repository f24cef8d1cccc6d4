import { mix, rgb, shade } from '../colour.ts';
import { blob, curve, disc, type Point, ridge, SIZE, stroke } from '../geometry.ts';
import { paintClouds, paintSky, type Stage } from '../scene.ts';

/** One great wave, curling, with foam fingers; a swell behind and before it. */
export function wave(stage: Stage): void {
  const { draw, palette, ramp, horizon, add } = stage;
  const unit = 0.72 + stage.unit * 0.3;
  const [sunX] = paintSky(stage, 44, SIZE * (stage.x > 230 ? 0.8 : 0.74));
  paintClouds(stage, 2);
  const water = rgb(palette.water);
  const foam = mix(rgb(palette.paper), rgb(palette.light), 0.4);
  add(ridge(draw, horizon - 12, 8, 0.1), 'water', 0.2, mix(water, rgb(palette.sky[1]), 0.35), water);
  add(ridge(draw, horizon + 14, 20, 0.1), 'water', 0.3, shade(water, -0.05), ramp(0.6));
  const at = (dx: number, dy: number): Point => [stage.x - 30 + dx * unit, horizon + 60 + dy * unit];
  const face = curve(
    [
      at(158, -140),
      at(146, -104),
      at(122, -136),
      at(80, -158),
      at(38, -142),
      at(10, -96),
      at(4, -30),
      at(34, 44),
      at(120, 100),
      at(260, 126),
      at(420, 160),
    ],
    false,
  );
  const back = curve(
    [at(-330, 160), at(-262, 10), at(-186, -96), at(-92, -192), at(20, -232), at(112, -205), at(158, -140)],
    false,
  );
  add([...back, ...face, at(420, 460), at(-330, 460)], 'subject', 0.6, mix(ramp(0.6), water, 0.25), ramp(1));
  const hollow = face.slice(0, 66);
  const inside = hollow.map(
    ([x, y], i): Point => [
      x - 58 * unit * Math.sin((Math.PI * (i + 4)) / 76),
      y - 10 * unit * Math.sin((Math.PI * i) / 65),
    ],
  );
  add(
    [...hollow, ...inside.reverse()],
    'subject',
    0.61,
    mix(water, rgb(palette.light), 0.42),
    mix(water, ramp(0.6), 0.45),
  );
  for (let n = 1; n <= 7; n++) {
    const share = n / 8;
    const line = back.map(([x, y], i): Point => {
      const [fx, fy] =
        inside[
          Math.min(inside.length - 1, Math.round(((back.length - 1 - i) / back.length) * inside.length))
        ]!;
      return [x + (fx - x) * share, y + (fy - y) * share];
    });
    const shown = line.slice(2, Math.round(line.length * 0.58));
    add(
      stroke(
        shown,
        (part) => (1.6 + 3.4 * (n % 2) + unit) * Math.sin(Math.PI * Math.min(1, 0.06 + part)) + 0.3,
      ),
      'detail',
      0.62,
      mix(foam, water, n % 2 ? 0.12 : 0.5),
    );
  }
  const lip = curve([
    at(-95, -190),
    at(20, -232),
    at(112, -205),
    at(158, -140),
    at(150, -98),
    at(139, -128),
    at(96, -178),
    at(18, -208),
    at(-60, -186),
  ]);
  add(lip, 'detail', 0.65, foam);
  for (let n = 0; n < 15; n++) {
    const part = n / 14;
    const [x, y] = at(-40 + part * 196, -212 + part ** 2 * 100 - Math.sin(part * Math.PI) * 10);
    const size = draw.between(7, 15) * unit;
    add(blob(draw, x, y, size, size * 0.85, 0.25), 'detail', 0.66, foam, mix(foam, water, 0.25));
    add(
      blob(draw, x + draw.between(4, 16), y + draw.between(8, 26), size * 0.45, size * 0.5, 0.3),
      'detail',
      0.66,
      foam,
    );
  }
  for (let n = 0; n < 34; n++) {
    const [x, y] = at(draw.between(30, 240), draw.between(-230, -60));
    const size = draw.between(1.2, 3.4);
    add(disc(x, y, size, size, 9), 'detail', 0.7, foam);
  }
  add(
    ridge(draw, Math.min(SIZE - 50, horizon + 132), 26, 0.15),
    'water',
    0.85,
    mix(ramp(0.8), water, 0.35),
    ramp(1),
  );
  for (let n = 0; n < 16; n++) {
    const y = draw.between(Math.min(SIZE - 60, horizon + 140), SIZE - 8);
    const line: Point[] = Array.from(
      { length: 14 },
      (_, i): Point => [sunX - 380 + n * 30 + i * 9, y + Math.sin(i * 0.8 + n) * 5],
    );
    add(
      stroke(line, (part) => 4 * Math.sin(Math.PI * part) + 0.2),
      'detail',
      0.9,
      mix(foam, ramp(0.7), draw.between(0.2, 0.7)),
    );
  }
}
