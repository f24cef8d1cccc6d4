import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../../config.ts';
import { HamletError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { type ClipEncoder, createClipEncoder } from './encoder.ts';
import { clipInvalid, readClipFolder } from './folder.ts';

/** The CLIP model in force, or why there is none; null and null where none was asked for. */
export type Clip = {
  readonly path: string;
  readonly encoder: ClipEncoder | null;
  readonly problem: HamletError | null;
  close(): Promise<void>;
};

const SHIPPED = resolve(import.meta.dirname, '../../../weights/clip');

/**
 * Opens the folder of CLIP_MODEL, or the one that ships. One that cannot be used stops nothing: content is then
 * compared by words alone, and `doctor` says why.
 *
 * @param hasPictures whether there is anything to see: then the model is believed when it has answered, else it
 *   is not even loaded, because a catalogue without pictures should not pay its memory
 */
export async function openClip(
  config: Pick<Config, 'CLIP_MODEL' | 'CONTENT_DIMS'>,
  { hasPictures, log }: { hasPictures: boolean; log: Log },
): Promise<Clip> {
  const path = config.CLIP_MODEL === '' ? SHIPPED : resolve(config.CLIP_MODEL);
  const nothing = { path: '', encoder: null, problem: null, close: async () => {} };
  if (config.CLIP_MODEL === '' && !existsSync(path)) return nothing;
  try {
    const folder = await readClipFolder(path);
    if (config.CONTENT_DIMS !== 0 && config.CONTENT_DIMS !== folder.dims)
      throw clipInvalid(
        path,
        `its vectors have ${folder.dims} numbers, CONTENT_DIMS is ${config.CONTENT_DIMS}`,
      );
    const encoder = createClipEncoder(folder);
    if (hasPictures) await tryClip(encoder);
    return { path, encoder, problem: null, close: encoder.close };
  } catch (error) {
    const problem = error instanceof HamletError ? error : clipInvalid(path, (error as Error).message);
    log.error({ code: problem.code }, `${problem.message}; content is compared by words alone`);
    return { ...nothing, path, problem };
  }
}

/**
 * One grey picture and one word through both towers.
 * @throws HamletError `clip-model-invalid`
 */
export async function tryClip(encoder: ClipEncoder): Promise<void> {
  const grey = new Uint8Array(encoder.folder.preprocessing.size ** 2 * 3).fill(100);
  try {
    await Promise.all([encoder.encodePixels([grey]), encoder.encodeText('red')]);
  } catch (error) {
    await encoder.close();
    throw error;
  }
}
