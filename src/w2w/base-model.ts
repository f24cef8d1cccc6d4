import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFile } from '../models/index.ts';

const UNET = 'unet/diffusion_pytorch_model.safetensors';

/**
 * The diffusion model that ships, copied to where sidecars see it: `bases/DIGEST` under the artifacts.
 * @returns null where it does not ship.
 */
export async function offerShippedBase(home: string, shipped: string): Promise<string | null> {
  if ((await stat(join(shipped, UNET)).catch(() => null)) === null) return null;
  const place = join('bases', (await describeFile(join(shipped, UNET))).sha256.slice(0, 16));
  const target = join(home, 'artifacts', place);
  if ((await stat(target).catch(() => null)) !== null) return place;
  const partial = `${target}.partial-${process.pid}`;
  await mkdir(join(home, 'artifacts/bases'), { recursive: true });
  await rm(partial, { recursive: true, force: true });
  await cp(shipped, partial, { recursive: true });
  // Another process may have been quicker: its copy is the same.
  await rename(partial, target).catch(() => rm(partial, { recursive: true, force: true }));
  return place;
}
