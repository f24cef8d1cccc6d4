import type { Shape } from '../../images/index.ts';

/** How a CLIP folder wants pictures: preprocessor_config.json, as far as CLIP models use it. */
export type Preprocessing = {
  /** Pixels a side of what the model sees. */
  size: number;
  /** Part of the shorter side that is kept, in the middle; null: the whole picture, squeezed into a square. */
  crop: number | null;
  kernel: 'nearest' | 'lanczos3' | 'linear' | 'cubic';
  mean: [number, number, number];
  std: [number, number, number];
};

/** By PIL's numbers of the resampling filters. */
export const KERNEL_NAMES: readonly Preprocessing['kernel'][] = ['nearest', 'lanczos3', 'linear', 'cubic'];

/** @throws Error that says what cannot be done */
export function readPreprocessing(config: Record<string, unknown>): Preprocessing {
  const size = sidesOf(config.size);
  const cropped = config.do_center_crop !== false && config.crop_size !== undefined;
  const crop = cropped ? sidesOf(config.crop_size) : size;
  const side = crop.height;
  if (side !== crop.width || side < 8 || side > 1024) throw new Error('the model does not see a square');
  const isWhole = size.shortest === undefined;
  if (isWhole && (size.height !== side || size.width !== side))
    throw new Error('size and crop_size do not fit each other');
  if (!isWhole && (!cropped || size.shortest! < side)) throw new Error('crop_size is larger than size');
  const kernel = KERNEL_NAMES[Number(config.resample ?? 3)];
  if (kernel === undefined) throw new Error(`resample ${config.resample} is not known`);
  if (Math.abs(Number(config.rescale_factor ?? 1 / 255) - 1 / 255) > 1e-6)
    throw new Error('rescale_factor is not 1/255');
  const plain = config.do_normalize === false;
  return {
    ...{ size: side, crop: isWhole ? null : side / size.shortest!, kernel },
    mean: plain ? [0, 0, 0] : threeOf(config.image_mean, 'image_mean'),
    std: plain ? [1, 1, 1] : threeOf(config.image_std, 'image_std'),
  };
}

/**
 * Any picture to the square the model sees. The middle is cut out before it is resized: the same pixels as
 * resizing first, without a row of millions where a picture is a thread.
 */
export function shapeOf({ size, crop, kernel }: Pick<Preprocessing, 'size' | 'crop' | 'kernel'>): Shape {
  const options = { fit: 'fill', kernel, fastShrinkOnLoad: false } as const;
  return {
    enough: Math.round(size / (crop ?? 1)),
    cut(image, { width, height }) {
      if (crop === null) return image.resize(size, size, options);
      const side = Math.max(1, Math.round(Math.min(width, height) * crop));
      const part = {
        left: Math.floor((width - side) / 2),
        top: Math.floor((height - side) / 2),
        ...{ width: side, height: side },
      };
      return image.extract(part).resize(size, size, options);
    },
  };
}

/** Pixels of `count` squares, RGB by the pixel, to the planes of numbers that the network reads. */
export function normalise(
  pixels: Uint8Array,
  count: number,
  { size, mean, std }: Preprocessing,
): Float32Array {
  const plane = size * size;
  const planes = new Float32Array(count * 3 * plane);
  for (let picture = 0; picture < count; picture++) {
    for (let channel = 0; channel < 3; channel++) {
      const from = picture * plane * 3 + channel;
      const to = (picture * 3 + channel) * plane;
      const scale = 1 / (255 * std[channel]!);
      const shift = mean[channel]! / std[channel]!;
      for (let i = 0; i < plane; i++) planes[to + i] = pixels[from + i * 3]! * scale - shift;
    }
  }
  return planes;
}

type Sides = { height: number; width: number; shortest?: number };

function sidesOf(value: unknown): Sides {
  const sides = (typeof value === 'number' ? { shortest_edge: value } : (value ?? {})) as Record<
    string,
    unknown
  >;
  const shortest = Number(sides.shortest_edge);
  if (Number.isInteger(shortest)) return { height: shortest, width: shortest, shortest };
  const { height, width } = { height: Number(sides.height), width: Number(sides.width) };
  if (!Number.isInteger(height) || !Number.isInteger(width)) throw new Error('a size is missing');
  return { height, width };
}

function threeOf(value: unknown, name: string): [number, number, number] {
  if (!Array.isArray(value) || value.length !== 3 || !value.every((entry) => Number.isFinite(entry)))
    throw new Error(`${name} is not three numbers`);
  return value as [number, number, number];
}
