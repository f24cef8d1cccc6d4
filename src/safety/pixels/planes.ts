import type { Raster } from '../../images/index.ts';
import type { PixelInput } from './manifest.ts';

/** Pictures as one batch of a network's numbers, resized where they are of another size. */
export function planesOf(pictures: readonly Raster[], input: PixelInput): Float32Array {
  const { size, layout, channels, divide, mean, std } = input;
  const area = size * size;
  const planes = new Float32Array(pictures.length * area * 3);
  pictures.forEach((picture, n) => {
    const pixels = resized(picture, size);
    const at = n * area * 3;
    for (let c = 0; c < 3; c++) {
      const to = channels === 'rgb' ? c : 2 - c;
      for (let i = 0; i < area; i++) {
        const value = (pixels[i * 3 + c]! / divide - mean[to]!) / std[to]!;
        planes[layout === 'nhwc' ? at + i * 3 + to : at + to * area + i] = value;
      }
    }
  });
  return planes;
}

/** Bilinear with corners aligned, as TensorFlow's `resizeBilinear(…, alignCorners)` computes it. */
function resized({ data, width, height }: Raster, size: number): ArrayLike<number> {
  if (width === size && height === size) return data;
  const result = new Float32Array(size * size * 3);
  const [scaleY, scaleX] = [(height - 1) / (size - 1), (width - 1) / (size - 1)];
  for (let y = 0; y < size; y++) {
    const [top, bottom, dy] = between(y * scaleY, height);
    for (let x = 0; x < size; x++) {
      const [left, right, dx] = between(x * scaleX, width);
      for (let c = 0; c < 3; c++) {
        const at = (row: number, column: number) => data[(row * width + column) * 3 + c]!;
        const above = at(top, left) + (at(top, right) - at(top, left)) * dx;
        const below = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * dx;
        result[(y * size + x) * 3 + c] = above + (below - above) * dy;
      }
    }
  }
  return result;
}

function between(position: number, length: number): [number, number, number] {
  const low = Math.floor(position);
  return [low, Math.min(length - 1, Math.ceil(position)), position - low];
}
