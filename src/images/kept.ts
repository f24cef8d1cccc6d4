import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { badInput } from '../errors.ts';
import { LIMITS, refuseUnread, tooLarge } from './decode.ts';
import { formatOf } from './format.ts';

/** Pictures that came as files, named by the digest of their bytes: what is served is what was looked at. */
export type KeptPictures = {
  /**
   * @returns its name
   * @throws HamletError `image-missing`, `image-format`, `svg-refused`, `image-too-large` (400)
   */
  keep(file: string): Promise<string>;
  /** Null for a name that is none's. */
  read(name: string): Promise<Buffer | null>;
};

const NAME = /^[0-9a-f]{40}\.(?:png|jpeg|webp|gif|avif)$/u;

/** Where it is served, as the picture of one item. */
export const importedPath = (kind: string, id: string, name: string): string =>
  `/imported/${kind}/${encodeURIComponent(id)}/${name}`;

/** @param folder one that all replicas share */
export function openKept(folder: string): KeptPictures {
  const placeOf = (name: string) => join(folder, name.slice(0, 2), name);
  return {
    async keep(file) {
      const info = await stat(file).catch(() => null);
      if (!info?.isFile()) throw badInput('image-missing', `There is no picture ${basename(file)}.`);
      if (info.size > LIMITS.bytes) throw tooLarge(`${info.size} bytes`);
      const bytes = await readFile(file);
      refuseUnread(bytes);
      const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 40);
      const name = `${digest}.${formatOf(bytes)}`;
      const place = placeOf(name);
      const there = await stat(place).catch(() => null);
      if (there?.size === bytes.length) return name;
      await mkdir(dirname(place), { recursive: true });
      await writeFile(`${place}.${process.pid}`, bytes);
      await rename(`${place}.${process.pid}`, place);
      return name;
    },
    read: async (name) => (NAME.test(name) ? readFile(placeOf(name)).catch(() => null) : null),
  };
}
