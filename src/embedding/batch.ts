import type { Catalog, Claim } from '../catalog/index.ts';
import type { Database } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import type { ImageLoader } from '../images/index.ts';
import type { ClipEncoder } from '../models/index.ts';
import { embeddingQueue } from './queue.ts';

export type EmbeddingParts = {
  db: Database;
  catalog: Pick<Catalog, 'storeMeasured' | 'forgetOthers'>;
  images: ImageLoader;
  encoder: ClipEncoder;
};

/** Pictures that are fetched and decoded at once. */
const LOADERS = 4;

/**
 * Looks at the claimed pictures and stores their vectors. A picture that cannot be read is noted with its
 * reason and holds up no other.
 * @throws HamletError of the encoder, the claims given back: no picture is to blame for it
 */
export async function embedClaims(
  { db, catalog, images, encoder }: EmbeddingParts,
  claims: Claim[],
  signal: AbortSignal,
): Promise<{ embedded: number; failed: number }> {
  const queue = embeddingQueue(db);
  const seen: { claim: Claim; pixels: Uint8Array }[] = [];
  let failed = 0;
  const waiting = [...claims];
  const loadSome = async () => {
    for (let claim = waiting.shift(); claim !== undefined; claim = waiting.shift()) {
      try {
        seen.push({ claim, pixels: (await images.load(claim.url, encoder.shape, signal)).data });
      } catch (error) {
        if (signal.aborted || !(error instanceof HamletError)) throw error;
        await queue.fail(claim.ref, error);
        failed++;
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: LOADERS }, loadSome));
    const vectors = await encoder.encodePixels(seen.map(({ pixels }) => pixels));
    const measured = seen.map(({ claim }, index) => ({ ...claim, vector: vectors[index]! }));
    await catalog.storeMeasured('clip', encoder.id, measured);
    await queue.forget(measured.map(({ ref }) => ref));
    return { embedded: measured.length, failed };
  } catch (error) {
    const back = [...waiting, ...seen.map(({ claim }) => claim)].map(({ ref }) => ref);
    await queue.release(back).catch(() => {});
    throw error;
  }
}
