import type { Draw } from './draw.ts';
import { type Point, SIZE } from './geometry.ts';
import type { Raster } from './raster.ts';

/**
 * A grid whose corners are shaken and then pulled onto nearby outlines, so that pieces follow what is shown.
 * @returns corners by row and column, `count + 1` each way.
 */
export function snappedGrid(raster: Raster, draw: Draw, count: number): Point[][] {
  const step = SIZE / count;
  return Array.from({ length: count + 1 }, (_, row) =>
    Array.from({ length: count + 1 }, (_, column): Point => {
      const shake = step * 0.28;
      const x =
        column === 0 || column === count ? column * step : column * step + draw.between(-shake, shake);
      const y = row === 0 || row === count ? row * step : row * step + draw.between(-shake, shake);
      return nearestEdge(raster, x, y, step * 0.42) ?? [x, y];
    }),
  );
}

function nearestEdge(raster: Raster, x: number, y: number, reach: number): Point | null {
  const here = raster.shape(x, y);
  for (let r = 2; r <= reach; r += 2)
    for (let k = 0; k < 12; k++) {
      const angle = (k / 12) * Math.PI * 2;
      const [px, py] = [x + Math.cos(angle) * r, y + Math.sin(angle) * r];
      if (
        px > 4 &&
        py > 4 &&
        px < SIZE - 4 &&
        py < SIZE - 4 &&
        x > 2 &&
        y > 2 &&
        x < SIZE - 2 &&
        y < SIZE - 2 &&
        raster.shape(px, py) !== here
      )
        return [px, py];
    }
  return null;
}

export const middle = (...points: Point[]): Point => [
  points.reduce((sum, [x]) => sum + x, 0) / points.length,
  points.reduce((sum, [, y]) => sum + y, 0) / points.length,
];
