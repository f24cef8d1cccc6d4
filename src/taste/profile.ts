import { presence } from './presence.ts';
import type { Vocabulary } from './types.ts';

/** Presence of each attribute of a vocabulary, in its order. */
export type Profile = Float32Array;
export const profileOf = (picture: Float32Array, { attributes }: Vocabulary): Profile =>
  Float32Array.from(attributes, (attribute) => presence(picture, attribute));

/** Weighted sum of profiles, so that pictures can be taken out again. */
export type Tally = { sums: Float64Array; total: number };

export function tallyOf(pictures: Iterable<{ profile: Profile; weight: number }>, size: number): Tally {
  const sums = new Float64Array(size);
  let total = 0;
  for (const { profile, weight } of pictures) {
    for (let a = 0; a < size; a++) sums[a] = sums[a]! + weight * profile[a]!;
    total += weight;
  }
  return { sums, total };
}

export const without = (whole: Tally, part: Tally): Tally => ({
  sums: whole.sums.map((sum, a) => Math.max(sum - part.sums[a]!, 0)),
  total: Math.max(whole.total - part.total, 0),
});
