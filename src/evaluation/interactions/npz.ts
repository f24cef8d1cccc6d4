import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { badInput } from '../../errors.ts';

/** People × items as scipy stores it (CSR): person u has columns[offsets[u]…offsets[u+1]). */
export type Matrix = {
  file: string;
  sha256: string;
  users: number;
  items: number;
  offsets: Int32Array;
  columns: Int32Array;
};

const END = 0x06054b50;
const ENTRY = 0x02014b50;
/** Of the record that ends a ZIP file, without its comment; of an entry's header in the directory and before it. */
const SIZE = { end: 22, entry: 46, local: 30 };
const DEFLATED = 8;
/** Bytes of an array: a hundred million interactions. A few kilobytes of a ZIP file can hold any number of them. */
const LARGEST = 1 << 30;

/**
 * A sparse matrix from `scipy.sparse.save_npz`: a ZIP file of NumPy arrays. Values are not read: what is there counts.
 * @throws HamletError `file-unreadable`, `interactions-unreadable` (400)
 */
export async function readMatrix(path: string): Promise<Matrix> {
  const file = await readFile(path).catch((error: Error) => {
    throw badInput('file-unreadable', `${path} cannot be read: ${error.message}`);
  });
  const unreadable = (reason: string) =>
    badInput('interactions-unreadable', `${basename(path)} is no sparse matrix of scipy: ${reason}`);
  try {
    const numbers = arraysIn(file);
    const [users, items] = numbers('shape');
    const offsets = Int32Array.from(numbers('indptr'));
    const columns = Int32Array.from(numbers('indices'));
    const rising = offsets.every((offset, u) => u === 0 || offset >= offsets[u - 1]!);
    if (offsets.length !== users! + 1 || offsets[0] !== 0 || offsets.at(-1) !== columns.length || !rising)
      throw new Error('its rows do not fit together');
    if (!columns.every((column) => column >= 0 && column < items!)) throw new Error('a column is outside');
    const sha256 = createHash('sha256').update(file).digest('hex');
    return { file: basename(path), sha256, users: users!, items: items!, offsets, columns };
  } catch (error) {
    throw unreadable((error as Error).message);
  }
}

/** Finds arrays by name; each is unpacked when it is asked for. */
function arraysIn(file: Buffer): (name: string) => number[] | Int32Array {
  const end = file.lastIndexOf(Buffer.from(Uint32Array.of(END).buffer));
  if (end < 0 || end + SIZE.end > file.length) throw new Error('it is no ZIP file');
  const found = new Map<string, () => Buffer>();
  let at = file.readUInt32LE(end + 16);
  for (let left = file.readUInt16LE(end + 10); left > 0; left--) {
    if (file.readUInt32LE(at) !== ENTRY) throw new Error('its directory is damaged');
    const [name, extra, comment] = [28, 30, 32].map((offset) => file.readUInt16LE(at + offset));
    const local = file.readUInt32LE(at + 42);
    const from = local + SIZE.local + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
    const packed = file.subarray(from, from + file.readUInt32LE(at + 20));
    const deflated = file.readUInt16LE(at + 10) === DEFLATED;
    const size = file.readUInt32LE(at + 24);
    found.set(file.toString('utf8', at + SIZE.entry, at + SIZE.entry + name!), () =>
      deflated ? inflated(packed, size) : packed,
    );
    at += SIZE.entry + name! + extra! + comment!;
  }
  return (name) => readArray(found.get(`${name}.npy`)?.());
}

/** No more than the directory says, whatever comes out. */
function inflated(packed: Buffer, size: number): Buffer {
  if (size > LARGEST) throw new Error(`an array of ${size} bytes is too large`);
  return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
}

/** Whole numbers of a .npy file: magic, version, length of the header, header (a Python dict), numbers. */
function readArray(file: Buffer | undefined): number[] | Int32Array {
  if (file === undefined || file.toString('latin1', 1, 6) !== 'NUMPY') throw new Error('an array is missing');
  const wide = file[6]! > 1;
  const from = wide ? 12 + file.readUInt32LE(8) : 10 + file.readUInt16LE(8);
  const [, type] = /'descr': *'([^']+)'/u.exec(file.toString('latin1', 0, from)) ?? [];
  const data = Uint8Array.from(file.subarray(from));
  if (type === '<i4') return new Int32Array(data.buffer);
  if (type === '<i8') return Array.from(new BigInt64Array(data.buffer), Number);
  throw new Error(`its indices are ${type}, not whole numbers of 4 or 8 bytes`);
}
