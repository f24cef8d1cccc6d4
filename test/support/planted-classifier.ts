import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClassifierManifest } from '../../src/safety/index.ts';
import { FLOAT, model, node, tensor, value } from '../../src/safety/pixels/onnx-writer.ts';

/**
 * A classifier whose answers are known: how red the picture is, and how little. An ONNX folder of 2 KB.
 * @param broken answers that are no numbers
 */
export function writeRedClassifier(
  folder: string,
  { version = '1', above = 0.5, broken = false } = {},
): string {
  mkdirSync(folder, { recursive: true });
  const manifest: ClassifierManifest = {
    ...{ name: 'redness', version, classes: ['other', 'red'] },
    input: {
      ...{ size: 16, layout: 'nchw', channels: 'rgb', resize: 'corners', divide: 255 },
      ...{ mean: [0, 0, 0], std: [1, 1, 1] },
    },
    levels: [
      { classes: ['red'], above: 0.9, level: 16 },
      { classes: ['red'], above, level: 4 },
    ],
  };
  const scale = broken ? Number.NaN : 1;
  writeFileSync(join(folder, 'classifier.json'), JSON.stringify(manifest));
  writeFileSync(
    join(folder, 'model.onnx'),
    model(
      [
        node('GlobalAveragePool', ['pixels'], 'mean'),
        node('Flatten', ['mean'], 'rgb', { axis: 1 }),
        node('MatMul', ['rgb', 'mix'], 'red'),
        node('Add', ['red', 'offset'], 'scores'),
      ],
      [
        tensor('mix', [
          [-scale, scale],
          [0, 0],
          [0, 0],
        ]),
        tensor('offset', [[1, 0]]),
      ],
      [value('pixels', FLOAT, ['batch', 3, 16, 16])],
      [value('scores', FLOAT, ['batch', 2])],
    ),
  );
  return folder;
}
