import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';

/** An id that the same row always gets again, so that importing twice stores once. At most 256 characters. */
export function eventIdOf(...parts: (string | number)[]): string {
  const id = parts.join(':');
  return id.length <= 256 ? id : createHash('sha256').update(id).digest('hex');
}

/** `ml-1m` of `…/ml-1m.txt`: what event ids begin with. */
export const datasetOf = (path: string) => basename(path, extname(path)).slice(0, 100).toWellFormed();
