/**
 * Which rows carry a value (a level, a tag): appended when a row takes the value, left stale when it
 * loses it, swept when half are stale. Whoever walks a list checks each row against its columns.
 */
export class Postings {
  readonly #lists = new Map<number, { rows: Int32Array; length: number; live: number }>();
  readonly #holds: (row: number, value: number) => boolean;

  constructor(holds: (row: number, value: number) => boolean) {
    this.#holds = holds;
  }

  /** How many rows carry the value now. */
  count(value: number): number {
    return this.#lists.get(value)?.live ?? 0;
  }

  /** Rows that carry the value, among stale and repeated ones. */
  rows(value: number): Int32Array {
    const list = this.#lists.get(value);
    return list ? list.rows.subarray(0, list.length) : NONE;
  }

  /** Call when the columns already say that `row` carries `value`. */
  add(value: number, row: number): void {
    const list = this.#lists.get(value) ?? { rows: new Int32Array(8), length: 0, live: 0 };
    this.#lists.set(value, list);
    if (list.length === list.rows.length) {
      if (list.length > 2 * list.live) this.#sweep(value, list);
      else list.rows = grown(list.rows, list.length * 2);
    }
    list.rows[list.length++] = row;
    list.live++;
  }

  drop(value: number): void {
    const list = this.#lists.get(value);
    if (list) list.live--;
  }

  #sweep(value: number, list: { rows: Int32Array; length: number }): void {
    const kept = [...new Set(list.rows.subarray(0, list.length))].filter((row) => this.#holds(row, value));
    list.rows.set(kept);
    list.length = kept.length;
  }
}
const NONE = new Int32Array(0);

/** The same column with room for `size` values. */
export function grown<T extends Int32Array | Uint32Array | Uint8Array | Float64Array>(
  column: T,
  size: number,
): T {
  const larger = new (column.constructor as new (size: number) => T)(size);
  larger.set(column);
  return larger;
}
