/**
 * Moves the `k` largest keys of `rows[0, count)` to its front, largest first, in expected linear time
 * (Hoare's quickselect, then a sort of what was selected). Ties go to the smaller row, so that the
 * same input always gives the same order.
 *
 * @param rows indices into `keys`; permuted in place.
 */
export function topRows(rows: Int32Array, count: number, keys: Float32Array | Float64Array, k: number): void {
  const wanted = Math.min(k, count);
  if (wanted < count) select(rows, count, keys, wanted);
  rows.subarray(0, wanted).sort((a, b) => keys[b]! - keys[a]! || a - b);
}

function select(rows: Int32Array, count: number, keys: Float32Array | Float64Array, k: number): void {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const pivotRow = median(rows[low]!, rows[middle]!, rows[high]!, keys);
    const pivot = keys[pivotRow]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (before(keys, rows[i]!, pivot, pivotRow)) i++;
      while (after(keys, rows[j]!, pivot, pivotRow)) j--;
      if (i <= j) {
        const moved = rows[i]!;
        rows[i] = rows[j]!;
        rows[j] = moved;
        i++;
        j--;
      }
    }
    if (k - 1 <= j) high = j;
    else if (k - 1 >= i) low = i;
    else return;
  }
}

const before = (keys: Float32Array | Float64Array, row: number, pivot: number, pivotRow: number) =>
  keys[row]! > pivot || (keys[row]! === pivot && row < pivotRow);
const after = (keys: Float32Array | Float64Array, row: number, pivot: number, pivotRow: number) =>
  keys[row]! < pivot || (keys[row]! === pivot && row > pivotRow);

function median(a: number, b: number, c: number, keys: Float32Array | Float64Array): number {
  const x = keys[a]!;
  const y = keys[b]!;
  const z = keys[c]!;
  if (x > y) return y > z ? b : x > z ? c : a;
  return x > z ? a : y > z ? c : b;
}
