import type { ColumnChunk, DecodedArray, FileMetaData } from 'hyparquet';
import { parquetHeader, readPage } from 'hyparquet/src/column.js';
import { convert, DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { getSchemaPath, isFlatColumn } from 'hyparquet/src/schema.js';
import { compressors } from 'hyparquet-compressors';
import type { Bytes } from './file.ts';

/** No honest writer makes larger pages (1 MiB is usual); a header that claims more is not believed. */
const PAGE_LIMIT = 256 * 1024 * 1024;
const HEADER_BYTES = 16 * 1024;
const LARGE_HEADER_BYTES = 1024 * 1024;

/** The values of one column of a row group, a page at a time. */
export type Column = { take(count: number): Promise<unknown[]>; skip(count: number): Promise<void> };

/**
 * Reads a flat column page by page, so that memory does not grow with the row group (hyparquet's own reader
 * holds a whole column chunk). @throws Error whose message says what is wrong with the file.
 */
export function openColumn(bytes: Bytes, metadata: FileMetaData, chunk: ColumnChunk, rows: number): Column {
  const meta = chunk.meta_data;
  if (!meta || chunk.file_path) throw new Error('a column chunk has no data in this file');
  const name = meta.path_in_schema.join('.');
  const schemaPath = getSchemaPath(metadata.schema, meta.path_in_schema);
  if (!isFlatColumn(schemaPath)) throw new Error(`column ${name} is nested`);
  const decoder = {
    ...meta,
    pathInSchema: meta.path_in_schema,
    schemaPath,
    element: schemaPath.at(-1)!.element,
    parsers: DEFAULT_PARSERS,
    compressors,
  };
  let at = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const end = at + Number(meta.total_compressed_size);
  if (!(at >= 4 && at <= end && end <= bytes.size)) throw new Error(`column ${name} lies outside the file`);
  if (Number(meta.num_values) !== rows) throw new Error(`column ${name} does not have ${rows} values`);

  let dictionary: DecodedArray | undefined;
  let page: DecodedArray = [];
  let used = 0;

  /** Moves to the next data page; with `skippable` rows to pass over it may leave pages undecoded. Returns rows skipped. */
  async function nextPage(skippable: number): Promise<number> {
    while (at < end) {
      const { header, size } = await readHeader(at, end);
      const body = await bytes.read(at + size, header.compressed_page_size);
      at += size + header.compressed_page_size;
      const reader = { view: new DataView(body.buffer, body.byteOffset, body.byteLength), offset: 0 };
      const result = readPage(reader, header, decoder, dictionary, undefined, skippable);
      if (header.type === 'DICTIONARY_PAGE') dictionary = result.data && convert(result.data, decoder);
      else if (result.skipped > 0) return result.skipped;
      else if (result.data && result.data.length > 0) {
        page = result.data;
        used = 0;
        return 0;
      }
    }
    throw new Error(`column ${name} ends early`);
  }

  async function readHeader(from: number, limit: number) {
    const room = limit - from;
    const parse = async (length: number) => {
      const head = await bytes.read(from, Math.min(room, length));
      const reader = { view: new DataView(head.buffer, head.byteOffset, head.byteLength), offset: 0 };
      return { header: parquetHeader(reader), size: reader.offset };
    };
    const { header, size } = await parse(HEADER_BYTES).catch(() => parse(LARGE_HEADER_BYTES));
    const values = header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header;
    const sound =
      isSize(header.compressed_page_size, room - size) &&
      isSize(header.uncompressed_page_size, PAGE_LIMIT) &&
      isSize(values?.num_values, rows);
    if (!sound) throw new Error(`column ${name} has a page header that cannot be true`);
    return { header, size };
  }

  return {
    async take(count) {
      const taken: unknown[] = [];
      while (taken.length < count) {
        if (used === page.length) await nextPage(0);
        const until = Math.min(page.length, used + count - taken.length);
        for (; used < until; used++) taken.push(page[used]);
      }
      return taken;
    },
    async skip(count) {
      let left = count;
      while (left > 0) {
        if (used === page.length) left -= await nextPage(left);
        const step = Math.min(page.length - used, left);
        used += step;
        left -= step;
      }
    },
  };
}

const isSize = (value: unknown, limit: number) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= limit;
