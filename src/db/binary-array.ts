/** Number types of PostgreSQL's arrays: object id, bytes, and how one is written. */
const TYPES = {
  smallint: {
    id: 21,
    size: 2,
    write: (view: DataView, at: number, value: number) => view.setInt16(at, value),
  },
  int: { id: 23, size: 4, write: (view: DataView, at: number, value: number) => view.setInt32(at, value) },
  real: {
    id: 700,
    size: 4,
    write: (view: DataView, at: number, value: number) => view.setFloat32(at, value),
  },
};

/**
 * An array of numbers as a parameter in PostgreSQL's binary form, for `$n::TYPE[]` (array_recv in its
 * src/backend/utils/adt/arrayfuncs.c). As text each number is printed here and parsed there, which for lists of a
 * hundred places cost more than all else about storing them.
 */
export function binaryArray(type: keyof typeof TYPES, values: ArrayLike<number>): Buffer {
  const { id, size, write } = TYPES[type];
  const count = values.length;
  const bytes = Buffer.alloc(count === 0 ? 12 : 20 + count * (4 + size));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // Dimensions, no nulls, type; then of the one dimension its length and first subscript.
  view.setInt32(0, count === 0 ? 0 : 1);
  view.setInt32(8, id);
  if (count === 0) return bytes;
  view.setInt32(12, count);
  view.setInt32(16, 1);
  for (let n = 0, at = 20; n < count; n++) {
    view.setInt32(at, size);
    write(view, at + 4, values[n]!);
    at += 4 + size;
  }
  return bytes;
}
