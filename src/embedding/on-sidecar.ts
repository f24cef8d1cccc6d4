import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HamletError } from '../errors.ts';
import { type ClipEncoder, offerPixels, takeVectors } from '../models/index.ts';
import type { Sidecars } from '../sidecar/index.ts';

const KIND = 'embed-images';
const POLL_MS = 300;
const LEASE_SECONDS = 60;

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
      const sidecar = await sidecars.choose(KIND);
      const id = `embed-${createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 24)}`;
      let status = await sidecar.submit({
        id,
        kind: KIND,
        spec,
        attempt: 1,
        fence: 1,
        leaseSeconds: LEASE_SECONDS,
      });
      while (status.state === 'queued' || status.state === 'running') {
        await sleep(POLL_MS);
        status = await sidecar.status(id, 1);
      }
      if (status.state !== 'done')
        throw new HamletError(
          status.error?.code ?? KIND,
          502,
          status.error?.message ?? `the job was ${status.state}`,
        );
      return takeVectors(artifacts, encoder.folder, spec.pixels, pictures.length);
    },
  };
}
