import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { HamletError } from '../errors.ts';

const PICKLE_NAMES = /\.(pkl|pickle|pt|pth|ckpt|joblib|npy|npz)$/i;
const ZIP = 0x504b_0304;

/**
 * Refuses what only unpickling reads, because that runs whatever its author wrote: files named so, a pickle's
 * opening (protocols 2 to 5), and zip archives, which `torch.save` writes.
 * @throws HamletError `artifact-pickle` (422)
 */
export async function refusePickle(path: string, name: string): Promise<void> {
  const file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(9), 0, 9, 0).finally(() => file.close());
  const opening = bytesRead > 1 && buffer[0] === 0x80 && buffer[1]! >= 2 && buffer[1]! <= 5;
  // The length of a safetensors header may look like a pickle's opening; its JSON follows at byte 8.
  const safetensors = name.endsWith('.safetensors') && buffer[8] === 0x7b;
  const zip = bytesRead > 3 && buffer.readUInt32BE(0) === ZIP;
  if (PICKLE_NAMES.test(name) || zip || (opening && !safetensors))
    throw new HamletError('artifact-pickle', 422, `${basename(path)} is a pickle, which may run any code`);
}
