import type { ItemRef } from '../../catalog/types.ts';
import { bitCount } from '../signature.ts';
import type { Candidate, Context, Filter } from '../types.ts';

/** Perceptual hashes at most this many bits apart show the same picture. */
const SAME_PICTURE = 6;
/** Only so many of the best are compared: nothing below can reach a list, and the cost is quadratic. */
const COMPARED = 200;

/** Of candidates that show the same picture the best stays. Runs on the ranking; no hash, no opinion. */
export const nearDuplicate = {
  name: 'near-duplicate',
  apply(candidates: Candidate[], { columns }: Pick<Context, 'columns'>) {
    const { phashHigh, phashLow } = columns;
    const keptHigh: number[] = [];
    const keptLow: number[] = [];
    const kept: Candidate[] = [];
    const removed: { item: ItemRef; reason: string }[] = [];
    for (let i = 0; i < candidates.length; i++) {
      const candidate = candidates[i]!;
      const high = phashHigh[candidate.item]!;
      const low = phashLow[candidate.item]!;
      const hashed = (high !== 0 || low !== 0) && i < COMPARED;
      if (hashed && isNear(high, low, keptHigh, keptLow)) {
        removed.push({ item: candidate.item, reason: 'near-duplicate' });
        continue;
      }
      kept.push(candidate);
      if (hashed) {
        keptHigh.push(high);
        keptLow.push(low);
      }
    }
    return { kept, removed };
  },
} satisfies Filter;

function isNear(high: number, low: number, highs: number[], lows: number[]): boolean {
  for (let k = 0; k < highs.length; k++) {
    if (bitCount(high ^ highs[k]!) + bitCount(low ^ lows[k]!) <= SAME_PICTURE) return true;
  }
  return false;
}
