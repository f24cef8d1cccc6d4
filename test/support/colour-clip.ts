import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FLOAT, INT64, model, node, tensor, value } from '../../src/safety/pixels/onnx-writer.ts';
import { wordTokenizer } from './word-tokenizer.ts';

const SIZE = 32;
export const COLOURS = { red: [1, 0, 0], green: [0, 1, 0], blue: [0, 0, 1], white: [1, 1, 1] } as const;

/**
 * Writes a CLIP folder of 20 KB whose answers are known: the vector of a picture is its mean colour, the
 * vector of a text the mean of the colours it names, both through one matrix into `dims` numbers.
 */
export function writeColourClip(folder: string, { dims = 8, seed = 1 } = {}): void {
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  const mix = [0, 1, 2].map((row) =>
    Array.from({ length: dims }, (_, d) => Math.cos(seed + row * 7 + d * 3)),
  );
  const vectorOf = (rgb: readonly number[]) =>
    mix[0]!.map((_, d) => rgb.reduce((sum, part, row) => sum + (2 * part - 1) * mix[row]![d]!, 0));
  write(
    'onnx/vision_model.onnx',
    model(
      [
        node('GlobalAveragePool', ['pixel_values'], 'mean'),
        node('Flatten', ['mean'], 'rgb', { axis: 1 }),
        node('MatMul', ['rgb', 'mix'], 'image_embeds'),
      ],
      [tensor('mix', mix)],
      [value('pixel_values', FLOAT, ['batch', 3, SIZE, SIZE])],
      [value('image_embeds', FLOAT, ['batch', dims])],
    ),
  );
  const words = [new Array(dims).fill(0), new Array(dims).fill(0), ...Object.values(COLOURS).map(vectorOf)];
  write(
    'onnx/text_model.onnx',
    model(
      [
        node('Gather', ['words', 'input_ids'], 'rows'),
        node('ReduceMean', ['rows'], 'text_embeds', { axes: [1], keepdims: 0 }),
      ],
      [tensor('words', words)],
      [value('input_ids', INT64, ['batch', 'sequence'])],
      [value('text_embeds', FLOAT, ['batch', dims])],
    ),
  );
  write(
    'config.json',
    JSON.stringify({ model_type: 'clip', projection_dim: dims, vision_config: { image_size: SIZE } }),
  );
  write(
    'preprocessor_config.json',
    JSON.stringify({
      ...{
        do_resize: true,
        size: { shortest_edge: SIZE },
        do_center_crop: true,
        crop_size: SIZE,
        resample: 3,
      },
      ...{ do_normalize: true, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] },
    }),
  );
  for (const [name, content] of Object.entries(wordTokenizer(Object.keys(COLOURS)))) write(name, content);
}
