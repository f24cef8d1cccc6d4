import { HamletError } from '../../errors.ts';
import { invertSymmetric, tiled } from './invert.ts';
import { RowBuilder } from './row-builder.ts';
import type { InteractionLog, SparseRows } from './types.ts';

/** Side of the largest matrix taken on: 15,000 items are 1.8 GB and some twenty minutes of one core. */
const LARGEST = 15_000;

/** Square, row-major, with rows `stride` apart. Row i, column j: how much item i in a history speaks for item j. */
export type DenseWeights = { items: number; stride: number; values: Float64Array };

/** What EASE needs of the log: whole histories, binary. */
export type Histories = Pick<InteractionLog, 'items' | 'users' | 'offsets' | 'columns'>;

/**
 * EASE (Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data", eq. 8): with P = (XᵀX + λI)⁻¹
 * and X the binary users × items matrix, B_ij = −P_ij / P_jj and B_ii = 0.
 *
 * @throws HamletError `catalogue-too-large` (422) above 15,000 items.
 */
export function easeWeights(
  log: Histories,
  lambda: number,
  progress: (fraction: number) => void = () => {},
): DenseWeights {
  const items = log.items.length;
  if (items > LARGEST)
    throw new HamletError('catalogue-too-large', 422, `EASE takes up to ${LARGEST} items, not ${items}`);
  const stride = tiled(items);
  const values = gram(log, stride);
  for (let i = 0; i < stride; i++) values[i * stride + i]! += i < items ? lambda : 1;
  invertSymmetric(values, stride, progress);
  const diagonal = Float64Array.from({ length: stride }, (_, i) => values[i * stride + i]!);
  for (let i = 0; i < stride; i++) {
    for (let j = 0; j < i; j++) {
      const p = values[i * stride + j]!;
      values[i * stride + j] = -p / diagonal[j]!;
      values[j * stride + i] = -p / diagonal[i]!;
    }
    values[i * stride + i] = 0;
  }
  return { items, stride, values };
}

/** Lower triangle of XᵀX: users two items have in common; how many users an item has on the diagonal. */
function gram(log: Histories, stride: number): Float64Array {
  const counts = new Float64Array(stride * stride);
  for (let user = 0; user < log.users; user++) {
    const row = log.columns.slice(log.offsets[user]!, log.offsets[user + 1]!).sort();
    for (let a = 0; a < row.length; a++) {
      if (a > 0 && row[a] === row[a - 1]) continue;
      const base = row[a]! * stride;
      for (let b = 0; b <= a; b++) {
        if (b > 0 && row[b] === row[b - 1]) continue;
        counts[base + row[b]!]!++;
      }
    }
  }
  return counts;
}

/** The strongest positive weights of each row. */
export function strongest(dense: DenseWeights, limit: number): SparseRows {
  const builder = new RowBuilder(dense.items, limit);
  for (let i = 0; i < dense.items; i++) {
    for (let j = 0; j < dense.items; j++) {
      const weight = dense.values[i * dense.stride + j]!;
      if (weight > 0) builder.add(j, weight);
    }
    builder.endRow();
  }
  return builder.finish();
}
