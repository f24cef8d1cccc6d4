import type { SafetyPolicy } from '../catalog/types.ts';
import { badInput } from '../errors.ts';
import { openCsvItems } from './csv-items.ts';
import { type ImagegemOptions, openImagegem } from './imagegem/index.ts';
import { openMovielens } from './movielens.ts';
import { openNdjson } from './ndjson.ts';
import { runImport } from './run.ts';
import { openSequences, type SequencesOptions } from './sequences.ts';
import type { ImportParts, ImportProgress, ImportReport } from './types.ts';

export { readLines } from './lines.ts';
export type { ImportParts, ImportProgress, ImportReport } from './types.ts';

/** What an item without a browsing level of its own counts as; recorded with the import. */
type Safety = { safety?: SafetyPolicy };
const TRUSTED: SafetyPolicy = { mode: 'trusted' };
const UNKNOWN: SafetyPolicy = { mode: 'unknown' };
const silent: ImportProgress = () => {};

/** `user item` or `user item item …` a line, in time order (see sequences.ts). */
export const importSequences = async (
  parts: ImportParts,
  options: SequencesOptions & Safety,
  progress = silent,
): Promise<ImportReport> =>
  runImport(parts, await openSequences(options), options.safety ?? TRUSTED, progress);

/** A folder with MovieLens' ratings and movies (see movielens.ts). */
export const importMovielens = async (
  parts: ImportParts,
  options: { folder: string } & Safety,
  progress = silent,
): Promise<ImportReport> =>
  runImport(parts, await openMovielens(options), options.safety ?? TRUSTED, progress);

/** ImageGem's parquet tables, models before images (see imagegem/). */
export async function importImagegem(
  parts: ImportParts,
  options: ImagegemOptions & Safety,
  progress = silent,
): Promise<ImportReport> {
  if (options.images === undefined && options.models === undefined)
    throw badInput('file-missing', 'Name --images, --models or both.');
  return runImport(parts, await openImagegem(options, parts.db), options.safety ?? UNKNOWN, progress);
}

/** A table of items (see csv-items.ts). */
export const importCsv = async (
  parts: ImportParts,
  options: { file: string; pictures?: string } & Safety,
  progress = silent,
): Promise<ImportReport> =>
  runImport(parts, await openCsvItems(options, parts.kept), options.safety ?? UNKNOWN, progress);

/** One item, user or event a line (see ndjson.ts). */
export const importNdjson = async (
  parts: ImportParts,
  options: { file: string } & Safety,
  progress = silent,
): Promise<ImportReport> => runImport(parts, await openNdjson(options), options.safety ?? UNKNOWN, progress);
