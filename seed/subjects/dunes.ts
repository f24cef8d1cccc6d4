import { mix, rgb, shade } from '../colour.ts';
import { box, curve, disc, type Point, SIZE, stroke } from '../geometry.ts';
import { paintBirds, paintClouds, paintSky, type Stage } from '../scene.ts';

/** Dunes, each with a lit and a shadowed flank; a caravan on a crest. */
export function dunes(stage: Stage): void {
  const { draw, palette, ramp, horizon, add, unit } = stage;
  const [sunX] = paintSky(stage, 48);
  paintClouds(stage, 1);
  for (const [x, size] of [
    [0.2, 0.7],
    [0.32, 0.45],
  ] as const) {
    const [cx, h] = [((x + stage.framing.x) % 1) * SIZE, 120 * size * unit];
    add(
      [
        [cx - h, horizon],
        [cx, horizon - h],
        [cx + h * 0.25, horizon],
      ],
      'subject',
      0.1,
      mix(ramp(0.1), rgb(palette.light), 0.25),
      ramp(0),
    );
    add(
      [
        [cx + h * 0.25, horizon],
        [cx, horizon - h],
        [cx + h, horizon],
      ],
      'subject',
      0.1,
      ramp(0.3),
      mix(ramp(0.2), rgb(palette.sky[1]), 0.3),
    );
  }
  const rows = 6;
  for (let row = 0; row < rows; row++) {
    const depth = 0.1 + (row / rows) * 0.8;
    const y = horizon - 6 + ((SIZE - horizon) * row ** 1.25) / rows ** 1.18;
    const tall = (26 + row * 19) * (0.6 + unit * 0.5);
    const peak = draw.between(0.15, 0.85) * SIZE;
    const crest = curve(
      [
        [-60, y + tall * 0.5],
        [peak - 180, y + tall * 0.15],
        [peak, y - tall],
        [peak + 150, y + tall * 0.1],
        [SIZE + 60, y + tall * draw.between(-0.2, 0.4)],
      ],
      false,
      14,
    );
    const bright = mix(ramp(depth * 0.7), rgb(palette.light), 0.3 - depth * 0.2);
    add([...crest, [SIZE + 60, SIZE + 10], [-60, SIZE + 10]], 'land', depth, bright, ramp(depth));
    const lee = sunX < peak ? 1 : -1;
    const foot: Point[] = curve(
      [
        [peak, y - tall],
        [peak + lee * 34, y + tall * 0.3],
        [peak + lee * 8, y + tall * 1.3],
        [peak + lee * 90, y + tall * 2.6 + 20],
      ],
      false,
      10,
    );
    const flank = crest.filter(([x]) => (lee > 0 ? x >= peak : x <= peak));
    const far = lee > 0 ? flank : flank.reverse();
    add(
      [...foot.reverse(), ...far, [lee > 0 ? SIZE + 60 : -60, SIZE + 10], [peak + lee * 120, SIZE + 10]],
      'subject',
      depth + 0.02,
      shade(ramp(depth + 0.16), -0.04),
      shade(ramp(depth + 0.24), -0.1),
    );
    if (row > 2)
      for (let n = 0; n < 5; n++) {
        const line = crest
          .slice(10, 44)
          .map(([x, cy], i): Point => [x - lee * 40, cy + 16 + n * 13 + Math.sin(i * 0.5 + n) * 2.4]);
        add(
          stroke(line, (part) => 1.8 * Math.sin(Math.PI * part)),
          'detail',
          depth,
          shade(ramp(depth), -0.08),
        );
      }
    if (row === 2) caravan(stage, crest);
  }
  paintBirds(stage, 3);
}

function caravan({ add, palette, draw }: Stage, crest: Point[]) {
  const ink = rgb(palette.ink);
  for (let n = 0; n < 5; n++) {
    const [x, y] = crest[20 + n * 4]!;
    const size = draw.between(8, 10);
    add(disc(x, y - size * 0.9, size * 0.75, size * 0.45, 14), 'subject', 0.5, ink);
    add(disc(x, y - size * 1.3, size * 0.3, size * 0.4, 10), 'subject', 0.5, rgb(palette.accents[0]));
    for (const leg of [-0.5, -0.25, 0.3, 0.55])
      add(box(x + leg * size, y - size * 0.8, 1.4, size * 0.9), 'subject', 0.5, ink);
    add(
      stroke(
        [
          [x + size * 0.6, y - size],
          [x + size * 0.95, y - size * 1.1],
          [x + size * 1.1, y - size * 1.7],
        ],
        () => 1.8,
      ),
      'subject',
      0.5,
      ink,
    );
  }
}
