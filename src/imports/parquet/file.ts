import type { FileHandle } from 'node:fs/promises';
import { type FileMetaData, parquetMetadata } from 'hyparquet';

const MAGIC = 'PAR1';
const TAIL = 8;
/** The footer of the ImageGem tables is a few hundred kilobytes. */
const FOOTER_LIMIT = 64 * 1024 * 1024;
const READ_AHEAD = 256 * 1024;

/** Reads ranges of a file that never leave it. */
export type Bytes = { size: number; read(from: number, length: number): Promise<Buffer> };

/** Small reads one after the other cost one large read. Each reader has its own window. */
export function openBytes(handle: FileHandle, size: number): Bytes {
  let start = 0;
  let held: Buffer = Buffer.alloc(0);
  return {
    size,
    async read(from, length) {
      if (from < 0 || length < 0 || from + length > size) throw new Error('a range lies outside the file');
      if (from < start || from + length > start + held.length) {
        held = await readAt(handle, from, Math.min(size - from, Math.max(length, READ_AHEAD)));
        start = from;
      }
      return held.subarray(from - start, from - start + length);
    },
  };
}

/** @throws Error whose message says why this is no whole parquet file. */
export async function readMetadata(handle: FileHandle, size: number): Promise<FileMetaData> {
  if (size < MAGIC.length + TAIL) throw new Error('it is too short');
  const head = await readAt(handle, 0, MAGIC.length);
  const tail = await readAt(handle, size - TAIL, TAIL);
  if (head.toString('latin1') !== MAGIC) throw new Error('it does not begin with PAR1');
  if (tail.toString('latin1', 4) !== MAGIC)
    throw new Error('it has no footer: it was not written to its end');
  const length = tail.readUInt32LE(0);
  if (length > size - TAIL - MAGIC.length || length > FOOTER_LIMIT)
    throw new Error(`its footer claims ${length} bytes`);
  const footer = await readAt(handle, size - TAIL - length, length + TAIL);
  const metadata = parquetMetadata(new Uint8Array(footer), { geoparquet: false });
  const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  const sound =
    Number.isSafeInteger(rows) &&
    rows === Number(metadata.num_rows) &&
    metadata.row_groups.every(({ num_rows }) => Number(num_rows) >= 0);
  if (!sound) throw new Error('its row counts cannot be true');
  return metadata;
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  if (bytesRead < length) throw new Error('it ends early');
  return buffer;
}
