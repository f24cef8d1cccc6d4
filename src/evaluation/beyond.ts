import { seededRandom, shuffled } from '../recommend/index.ts';
import type { Split } from './splits.ts';

/** What lists are beside being right (Castells et al. 2015, "Novelty and diversity in recommender systems"). */
export type Beyond = {
  /** Share of the catalogue that stands in at least one list. */
  coverage: number;
  /** Mean self-information of what is listed, in bits: −log2 of the share of users who know it. */
  novelty: number;
  /** Mean of 1 − cosine over the pairs of a list; items are as alike as the users they share. */
  diversity: number;
  /** How unequally items are shown: 0 all alike, 1 one item alone. */
  gini: number;
};

/** Pairs cost: so many lists stand for all. */
const SAMPLED = 500;

export function beyondAccuracy(
  lists: readonly Int32Array[],
  training: Split['training'],
  seed: number,
): Beyond {
  const usersOf = usersByItem(training);
  const shown = new Float64Array(usersOf.length);
  let [bits, places] = [0, 0];
  for (const list of lists)
    for (const item of list) {
      shown[item]!++;
      bits -= Math.log2((usersOf[item]!.length + 1) / (training.users + 1));
      places++;
    }
  const sample = shuffled(
    lists.filter(({ length }) => length > 1),
    seededRandom(seed),
  ).slice(0, SAMPLED);
  return {
    coverage: shown.filter((times) => times > 0).length / shown.length,
    novelty: places === 0 ? 0 : bits / places,
    diversity: meanOf(sample.map((list) => 1 - meanCosine(list, usersOf))),
    gini: giniOf(shown),
  };
}

/** Ascending users of each item. */
function usersByItem({ items, users, offsets, columns }: Split['training']): number[][] {
  const usersOf = Array.from(items, (): number[] => []);
  for (let user = 0; user < users; user++)
    for (let n = offsets[user]!; n < offsets[user + 1]!; n++) usersOf[columns[n]!]!.push(user);
  return usersOf;
}

function meanCosine(list: Int32Array, usersOf: number[][]): number {
  let [sum, pairs] = [0, 0];
  for (let a = 0; a < list.length; a++)
    for (let b = a + 1; b < list.length; b++) {
      const [one, other] = [usersOf[list[a]!]!, usersOf[list[b]!]!];
      const size = Math.sqrt(one.length * other.length);
      sum += size === 0 ? 0 : shared(one, other) / size;
      pairs++;
    }
  return sum / pairs;
}

function shared(one: number[], other: number[]): number {
  let [a, b, both] = [0, 0, 0];
  while (a < one.length && b < other.length) {
    if (one[a] === other[b]) both++;
    if (one[a]! <= other[b]!) a++;
    else b++;
  }
  return both;
}

function giniOf(values: Float64Array): number {
  const sorted = values.toSorted();
  let [total, weighted] = [0, 0];
  for (let n = 0; n < sorted.length; n++) {
    total += sorted[n]!;
    weighted += (n + 1) * sorted[n]!;
  }
  return total === 0 ? 0 : (2 * weighted) / (sorted.length * total) - (sorted.length + 1) / sorted.length;
}

const meanOf = (values: number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
