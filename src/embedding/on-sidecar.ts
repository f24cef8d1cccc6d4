import { join } from 'node:path';
import { type ClipEncoder, offerPixels, takeVectors } from '../models/index.ts';
import { runOnSidecar, type Sidecars } from '../sidecar/index.ts';

/**
 * The same encoder, its pictures encoded by a sidecar: worth it for thousands at once, on a GPU. The pixels are
 * made here all the same, so the vectors are the same too.
 */
export function encodeOnSidecar(encoder: ClipEncoder, sidecars: Sidecars, home: string): ClipEncoder {
  const artifacts = join(home, 'artifacts');
  return {
    ...encoder,
    async encodePixels(pictures) {
      if (pictures.length === 0) return [];
      const spec = await offerPixels(artifacts, encoder.folder, pictures);
      await runOnSidecar(sidecars, 'embed-images', spec);
      return takeVectors(artifacts, encoder.folder, spec.pixels, pictures.length);
    },
  };
}
