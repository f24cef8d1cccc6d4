import type { ItemRef } from '../catalog/types.ts';
import type { Interaction } from '../events/types.ts';
import type { ContentVectors } from './content.ts';
import { tasteHistory } from './taste-history.ts';

/** One of a user's interests: its most central item stands for it. */
export type Interest = { medoid: ItemRef; items: ItemRef[]; importance: number };

/** Newest interactions that are looked at, how fast they fade (a step), and how many interests are kept. */
const HISTORY = 16;
const DECAY = 0.95;
const INTERESTS = 5;

/**
 * Clusters what a user liked last by content, several interests instead of one average (PinnerSage,
 * Pal et al. 2020, arXiv 2007.03634): average linkage, merged until no two clusters are more alike than
 * the history's items are among themselves, so that no threshold depends on the vector space.
 *
 * @param recent oldest first; items without a vector are left out.
 * @returns the most important first; importances sum to at most 1.
 */
export function interestsOf(recent: readonly Interaction[], content: ContentVectors): Interest[] {
  const members = newestWithVectors(tasteHistory(recent), content);
  const ofContent = known.get(content) ?? new WeakMap<readonly Interaction[], Known>();
  known.set(content, ofContent);
  const before = ofContent.get(recent);
  if (before?.changes === content.changes && same(before.members, members)) return before.interests;
  const interests = clustered(members, content);
  ofContent.set(recent, { changes: content.changes, members, interests });
  return interests;
}

/** A source and a scorer of the same list ask for the same. Who replays a log changes a history in place: hence `same`. */
const known = new WeakMap<ContentVectors, WeakMap<readonly Interaction[], Known>>();
type Known = { changes: number; members: Member[]; interests: Interest[] };

const same = (before: Member[], now: Member[]): boolean =>
  before.length === now.length &&
  now.every(({ row, weight }, n) => row === before[n]!.row && weight === before[n]!.weight);

function clustered(members: Member[], content: ContentVectors): Interest[] {
  if (members.length === 0) return [];
  const similarity = pairwise(members, content);
  const total = members.reduce((sum, member) => sum + member.weight, 0);
  return averageLinkage(similarity, members.length)
    .map((rows) => ({
      medoid: members[mostCentral(rows, similarity, members.length)]!.item,
      items: rows.map((row) => members[row]!.item),
      importance: rows.reduce((sum, row) => sum + members[row]!.weight, 0) / total,
    }))
    .sort((a, b) => b.importance - a.importance)
    .slice(0, INTERESTS);
}

type Member = { item: ItemRef; row: number; weight: number };

function newestWithVectors(recent: readonly Interaction[], content: ContentVectors): Member[] {
  const members: Member[] = [];
  let decay = 1;
  for (let i = recent.length - 1; i >= 0 && members.length < HISTORY; i--) {
    const row = content.rowOf(recent[i]!.item);
    if (row < 0) continue;
    members.push({ item: recent[i]!.item, row, weight: decay * recent[i]!.strength });
    decay *= DECAY;
  }
  return members;
}

/** Cosines, n × n. */
function pairwise(members: Member[], content: ContentVectors): Float32Array {
  const n = members.length;
  const similarity = new Float32Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const s = content.likeness(members[a]!.row, members[b]!.row);
      similarity[a * n + b] = s;
      similarity[b * n + a] = s;
    }
  }
  return similarity;
}

function averageLinkage(items: Float32Array, n: number): number[][] {
  const clusters = Array.from({ length: n }, (_, row): number[] | null => [row]);
  const linkage = items.slice();
  let sum = 0;
  for (const s of items) sum += s;
  const enough = n > 1 ? sum / (n * (n - 1)) : 1;
  for (;;) {
    let best = enough;
    let x = -1;
    let y = -1;
    for (let a = 0; a < n; a++) {
      if (clusters[a] === null) continue;
      for (let b = a + 1; b < n; b++) {
        if (clusters[b] !== null && linkage[a * n + b]! > best) {
          best = linkage[a * n + b]!;
          x = a;
          y = b;
        }
      }
    }
    if (x < 0) return clusters.filter((cluster) => cluster !== null);
    // Lance–Williams for the average: weights are the clusters' sizes.
    const sizeX = clusters[x]!.length;
    const sizeY = clusters[y]!.length;
    for (let c = 0; c < n; c++) {
      const merged = (sizeX * linkage[x * n + c]! + sizeY * linkage[y * n + c]!) / (sizeX + sizeY);
      linkage[x * n + c] = merged;
      linkage[c * n + x] = merged;
    }
    clusters[x]!.push(...clusters[y]!);
    clusters[y] = null;
  }
}

function mostCentral(rows: number[], similarity: Float32Array, n: number): number {
  let best = rows[0]!;
  let bestSum = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    let sum = 0;
    for (const other of rows) sum += similarity[row * n + other]!;
    if (sum > bestSum) {
      bestSum = sum;
      best = row;
    }
  }
  return best;
}
