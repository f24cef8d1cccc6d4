import { mix, rgb, shade } from '../colour.ts';
import { box, curve, disc, ridge, SIZE, stroke } from '../geometry.ts';
import { paintBirds, paintClouds, paintSky, paintWater, type Stage } from '../scene.ts';

/** A boat with two sails before the sun, its image broken by the water. */
export function sailboat(stage: Stage): void {
  const { draw, palette, ramp, horizon, add, x } = stage;
  const unit = stage.unit * 1.12;
  const [sunX] = paintSky(stage, 62, SIZE * (stage.framing.x < 0.5 ? 0.68 : 0.4));
  paintClouds(stage, 4);
  add(
    ridge(draw, horizon - 16, 24, 0.45),
    'land',
    0.15,
    ramp(0.1),
    mix(ramp(0.05), rgb(palette.sky[1]), 0.4),
  );
  add(
    ridge(draw, horizon - 3, 13, 0.3),
    'land',
    0.25,
    ramp(0.35),
    mix(ramp(0.25), rgb(palette.sky[1]), 0.35),
  );
  paintWater(stage, horizon, sunX);
  const deck = horizon + 46 * unit;
  const sail = rgb(palette.paper);
  const accent = rgb(palette.accents[0]);
  const mastTop = deck - 196 * unit;
  for (let n = 0; n < 22; n++) {
    const below = n * 6.5;
    const width = (62 - n * 2.1) * unit * draw.between(0.6, 1);
    add(
      disc(x + draw.between(-12, 12), deck + 26 * unit + below, Math.max(4, width), 2.2, 16),
      'detail',
      0.6,
      mix(n < 5 ? ramp(0.9) : sail, rgb(palette.water), 0.3 + n * 0.025),
    );
  }
  add(
    curve([
      [x + 5 * unit, mastTop + 6],
      [x + 46 * unit, deck - 96 * unit],
      [x + 92 * unit, deck - 20 * unit],
      [x + 40 * unit, deck - 15 * unit],
      [x + 5 * unit, deck - 16 * unit],
    ]),
    'subject',
    0.7,
    sail,
    mix(sail, rgb(palette.accents[1]), 0.3),
  );
  add(
    curve([
      [x - 4 * unit, mastTop + 22 * unit],
      [x - 30 * unit, deck - 92 * unit],
      [x - 66 * unit, deck - 20 * unit],
      [x - 30 * unit, deck - 14 * unit],
      [x - 4 * unit, deck - 16 * unit],
    ]),
    'subject',
    0.7,
    accent,
    shade(accent, -0.2),
  );
  for (const part of [0.35, 0.55, 0.75]) {
    const y = mastTop + (deck - mastTop) * part;
    add(
      stroke(
        [
          [x + 6 * unit, y],
          [x + 80 * unit * part, y + 5],
        ],
        () => 1.3,
      ),
      'detail',
      0.72,
      mix(sail, ramp(0.6), 0.45),
    );
  }
  add(box(x - 1.8 * unit, mastTop - 8, 3.8 * unit, deck - mastTop + 10), 'subject', 0.73, rgb(palette.ink));
  add(
    [
      [x, mastTop - 10],
      [x + 24 * unit, mastTop - 3],
      [x, mastTop + 5],
    ],
    'detail',
    0.73,
    rgb(palette.accents[1]),
  );
  add(
    curve([
      [x - 88 * unit, deck - 8 * unit],
      [x, deck - 3 * unit],
      [x + 104 * unit, deck - 14 * unit],
      [x + 74 * unit, deck + 24 * unit],
      [x - 58 * unit, deck + 25 * unit],
    ]),
    'subject',
    0.75,
    ramp(0.75),
    rgb(palette.ink),
  );
  add(
    stroke(
      [
        [x - 84 * unit, deck - 4 * unit],
        [x, deck + 1 * unit],
        [x + 98 * unit, deck - 8 * unit],
      ],
      () => 3.6 * unit,
    ),
    'detail',
    0.76,
    rgb(palette.accents[1]),
  );
  for (let n = 0; n < 14; n++)
    add(
      disc(
        x + draw.between(-95, 105) * unit,
        deck + (24 + draw.between(-2, 6)) * unit,
        draw.between(5, 15),
        2.4,
        14,
      ),
      'detail',
      0.78,
      mix(sail, rgb(palette.water), 0.2),
    );
  paintBirds(stage, 5);
}
