import { writeFile } from 'node:fs/promises';
import { crc32, deflateRawSync } from 'node:zlib';

/** A sparse matrix as scipy writes it. */
export async function writeMatrix(
  file: string,
  rows: number[][],
  items: number,
  deflated = true,
): Promise<string> {
  const offsets = [0];
  for (const row of rows) offsets.push(offsets.at(-1)! + row.length);
  const arrays: Record<string, Buffer> = {
    indices: npy('<i4', Buffer.from(Int32Array.from(rows.flat()).buffer), offsets.at(-1)!),
    indptr: npy('<i4', Buffer.from(Int32Array.from(offsets).buffer), offsets.length),
    format: npy('|S3', Buffer.from('csr'), null),
    data: npy('<f4', Buffer.from(new Float32Array(offsets.at(-1)!).fill(1).buffer), offsets.at(-1)!),
    shape: npy('<i8', Buffer.from(BigInt64Array.of(BigInt(rows.length), BigInt(items)).buffer), 2),
  };
  await writeFile(file, zip(arrays, deflated));
  return file;
}

function npy(type: string, data: Buffer, length: number | null): Buffer {
  const header =
    `{'descr': '${type}', 'fortran_order': False, 'shape': (${length === null ? '' : `${length},`}), }`.padEnd(
      117,
    );
  const size = Buffer.alloc(2);
  size.writeUInt16LE(header.length + 1);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), size, Buffer.from(`${header}\n`), data]);
}

function zip(arrays: Record<string, Buffer>, deflated: boolean): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(arrays)) {
    const named = Buffer.from(`${name}.npy`);
    const packed = deflated ? deflateRawSync(content) : content;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(deflated ? 8 : 0, 8);
    local.writeUInt32LE(crc32(content), 14);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(content.length, 22);
    local.writeUInt16LE(named.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(deflated ? 8 : 0, 10);
    entry.writeUInt32LE(crc32(content), 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(content.length, 24);
    entry.writeUInt16LE(named.length, 28);
    entry.writeUInt32LE(at, 42);
    parts.push(local, named, packed);
    directory.push(entry, named);
    at += local.length + named.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt16LE(Object.keys(arrays).length, 8);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(arrays).length, 10);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}
