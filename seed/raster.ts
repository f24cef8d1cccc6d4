import { mix, type Rgb } from './colour.ts';
import { bounds, type Point, SIZE } from './geometry.ts';
import type { Part, Scene } from './scene.ts';

/** The scene as a small grid of colours, for styles that are made of pieces. */
export type Raster = {
  colour(x: number, y: number): Rgb;
  part(x: number, y: number): Part;
  /** Which shape is seen there: equal numbers belong together. */
  shape(x: number, y: number): number;
};

const GRID = 256;
const CELL = SIZE / GRID;

/** Fills the polygons row by row, back to front (even–odd rule). */
export function rasterise(scene: Scene): Raster {
  const seen = new Int16Array(GRID * GRID);
  const colours = new Float32Array(GRID * GRID * 3);
  scene.forEach(({ points, top, bottom }, index) => {
    const extent = bounds(points);
    const height = Math.max(1, extent.bottom - extent.top);
    for (const [row, crossings] of crossingsByRow(points)) {
      const y = (row + 0.5) * CELL;
      const colour = mix(top, bottom, Math.max(0, Math.min(1, (y - extent.top) / height)));
      crossings.sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const from = Math.max(0, Math.ceil(crossings[i]! / CELL - 0.5));
        const to = Math.min(GRID - 1, Math.floor(crossings[i + 1]! / CELL - 0.5));
        for (let column = from; column <= to; column++) {
          const at = row * GRID + column;
          seen[at] = index;
          colours.set(colour, at * 3);
        }
      }
    }
  });
  const cell = (x: number, y: number) =>
    Math.max(0, Math.min(GRID - 1, Math.floor(y / CELL))) * GRID +
    Math.max(0, Math.min(GRID - 1, Math.floor(x / CELL)));
  return {
    colour(x, y) {
      const at = cell(x, y) * 3;
      return [colours[at]!, colours[at + 1]!, colours[at + 2]!];
    },
    part: (x, y) => scene[seen[cell(x, y)]!]!.part,
    shape: (x, y) => seen[cell(x, y)]!,
  };
}

/** Where the outline crosses the middle of each row of cells. */
function crossingsByRow(points: readonly Point[]): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  points.forEach(([x1, y1], i) => {
    const [x2, y2] = points[(i + 1) % points.length]!;
    const first = Math.max(0, Math.ceil(Math.min(y1, y2) / CELL - 0.5));
    const last = Math.min(GRID - 1, Math.ceil(Math.max(y1, y2) / CELL - 0.5) - 1);
    for (let row = first; row <= last; row++) {
      const x = x1 + (((row + 0.5) * CELL - y1) / (y2 - y1)) * (x2 - x1);
      const crossings = rows.get(row);
      if (crossings === undefined) rows.set(row, [x]);
      else crossings.push(x);
    }
  });
  return rows;
}
