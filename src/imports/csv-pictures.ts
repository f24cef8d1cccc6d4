import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import type { ItemInput } from '../catalog/types.ts';
import { badInput } from '../errors.ts';
import { importedPath, type KeptPictures } from '../images/index.ts';

/**
 * Where the picture of an item is to be had that a table names by its file.
 * @throws HamletError (400) for a file that is no picture of the folder: the row is rejected
 */
export type UrlOf = (item: Pick<ItemInput, 'kind' | 'id'>, file: string) => Promise<string>;

/** Some server has the folder. */
export function urlUnder(base: string): UrlOf {
  const folder = base === '' ? '' : base.replace(/\/*$/u, '/');
  return async (_, file) => folder + file.split('/').map(encodeURIComponent).join('/');
}

/**
 * The folder lies here: each picture is kept by its digest, so that a file that is changed later is another picture.
 * Nothing outside the folder is read, whatever the table or a link in it says.
 */
export async function urlOfFolder(folder: string, kept: KeptPictures | undefined): Promise<UrlOf> {
  const root = await realpath(folder).catch(() => null);
  if (root === null || kept === undefined)
    throw badInput('folder-missing', `${folder} is neither a URL nor a folder.`);
  return async ({ kind, id }, file) => {
    const path = await realpath(resolve(root, file)).catch(() => null);
    if (path === null) throw badInput('image-missing', 'There is no such picture.');
    if (!path.startsWith(root + sep))
      throw badInput('image-outside', 'The picture is outside of the folder.');
    return importedPath(kind, id, await kept.keep(path));
  };
}
