import { artifactInvalid } from './artifact.ts';

/** One tensor of a safetensors file: the format that Python and this side read without running anything. */
export type Tensor = { dtype: 'U8' | 'F32'; shape: number[]; data: Uint8Array };

const BYTES = { U8: 1, F32: 4 } as const;
const LARGEST_HEADER = 1 << 20;

/** A file of one tensor: length of the header (8 bytes), header (JSON), numbers (little-endian). */
export function writeTensor(name: string, { dtype, shape, data }: Tensor): Uint8Array {
  const header = JSON.stringify({ [name]: { dtype, shape, data_offsets: [0, data.length] } });
  // Padded so that the numbers begin at a multiple of 8.
  const padded = Buffer.from(header.padEnd(Math.ceil(header.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, data]);
}

/** @throws HamletError `artifact-invalid` (422) when the file holds no such tensor, whole */
export function readTensor(file: Buffer, name: string): Tensor {
  const invalid = (reason: string, cause?: unknown) => artifactInvalid(name, reason, cause);
  const length = file.length < 8 ? Number.POSITIVE_INFINITY : Number(file.readBigUInt64LE(0));
  if (length > LARGEST_HEADER || 8 + length > file.length) throw invalid('the header is cut off');
  let entry: { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  try {
    entry = JSON.parse(file.toString('utf8', 8, 8 + length))[name] ?? {};
  } catch (error) {
    throw invalid('the header is no JSON', error);
  }
  const { dtype, shape, data_offsets: offsets } = entry;
  if ((dtype !== 'U8' && dtype !== 'F32') || !isCounts(shape) || !isCounts(offsets))
    throw invalid(`there is no tensor ${name} of bytes or floats`);
  const [from, to] = offsets as [number, number];
  const size = shape.reduce((product, side) => product * side, BYTES[dtype]);
  if (to - from !== size || 8 + length + to > file.length) throw invalid('the numbers are cut off');
  return { dtype, shape, data: file.subarray(8 + length + from, 8 + length + to) };
}

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) &&
  value.length <= 8 &&
  value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
