import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ItemInput } from '../catalog/types.ts';
import { badInput, HamletError } from '../errors.ts';
import type { KeptPictures } from '../images/index.ts';
import { csvFields } from './csv.ts';
import { type UrlOf, urlOfFolder, urlUnder } from './csv-pictures.ts';
import { type Outcome, readRows } from './text-rows.ts';
import type { Source } from './types.ts';

/** Columns a table of items may have; `file` is a picture's name under `pictures`, tags are separated by `|`. */
const TEXTS = [
  'id',
  'title',
  'prompt',
  'negativePrompt',
  'description',
  'creatorId',
  'createdAt',
  'url',
] as const;
const COLUMNS: readonly string[] = [...TEXTS, 'kind', 'file', 'tags', 'browsingLevel'];

/**
 * A table of items as CSV with a header, `id` or `file` at least.
 * @param pictures the folder of the pictures, which are then kept here, or where it is served: the beginning of URLs
 * @throws HamletError `csv-header`, `folder-missing` (400)
 */
export async function openCsvItems(
  { file, pictures = '' }: { file: string; pictures?: string },
  kept: KeptPictures | undefined,
): Promise<Source> {
  const header = csvFields((await firstLine(file)).replace(/^\uFEFF/u, '').trim())?.map((name) =>
    name.trim(),
  );
  const unknown = header?.find((name) => !COLUMNS.includes(name));
  if (header === undefined || unknown !== undefined || !(header.includes('id') || header.includes('file')))
    throw badInput(
      'csv-header',
      `The header names ${COLUMNS.join(', ')}, \`id\` or \`file\` at least (${unknown}).`,
    );
  const urlOf =
    pictures === '' || /^https?:\/\//iu.test(pictures)
      ? urlUnder(pictures)
      : await urlOfFolder(pictures, kept);
  const parse = (line: string, number: number): Outcome | Promise<Outcome> => {
    if (number === 1) return null;
    const fields = csvFields(line.replace(/\r$/u, ''));
    if (fields === null || fields.length !== header.length)
      return { reject: { code: 'row-invalid', detail: line } };
    const item = itemOf(Object.fromEntries(header.map((name, n) => [name, fields[n]!])));
    const picture = fields[header.indexOf('file')];
    return picture && item.url === undefined ? pictured(item, picture, urlOf) : { items: [item] };
  };
  return { kind: 'csv', files: [file], read: () => readRows([{ path: file, share: 1, parse }]) };
}

async function pictured(item: ItemInput, file: string, urlOf: UrlOf): Promise<Outcome> {
  try {
    return { items: [{ ...item, url: await urlOf(item, file) }] };
  } catch (error) {
    if (!(error instanceof HamletError) || error.status !== 400) throw error;
    return { reject: { code: error.code, detail: `${file}: ${error.message}` } };
  }
}

/** Empty fields say nothing; the catalogue judges the rest. */
function itemOf(row: Record<string, string>): ItemInput {
  const texts = TEXTS.flatMap((name) => (row[name] ? [[name, row[name]] as const] : []));
  return {
    kind: (row.kind || 'image') as 'image',
    id: row.id || row.file!,
    ...Object.fromEntries(texts),
    ...(row.tags ? { tags: row.tags.split('|').flatMap((tag) => tag.trim() || []) } : {}),
    ...(row.browsingLevel ? { browsingLevel: Number(row.browsingLevel) } : {}),
  };
}

async function firstLine(file: string): Promise<string> {
  const lines = createInterface({ input: createReadStream(file, { end: 1 << 16 }) });
  for await (const line of lines) return line;
  return '';
}
