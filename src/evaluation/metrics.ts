/**
 * Rank of the target among all items that are not left out, 1 = best. Ties count against the model:
 * whoever scores as much as the target stands before it; so a constant scorer ranks it last. A target whose
 * score is no number is last, too.
 *
 * @param scores one an item (column)
 * @param seen what is left out, each once
 */
export function rankOfTarget(scores: Float64Array, target: number, seen: Int32Array): number {
  const own = scores[target]!;
  let before = 0;
  // `!(x < own)`, not `x >= own`: what cannot be compared stands before the target.
  for (let item = 0; item < scores.length; item++) if (!(scores[item]! < own)) before++;
  for (const item of seen) if (!(scores[item]! < own)) before--;
  // The target itself was counted; it is never among the seen.
  return before;
}

/** Rank of the target in a list, best first; infinite when it is not there. */
export function rankInList(list: Int32Array, target: number): number {
  const at = list.indexOf(target);
  return at < 0 ? Number.POSITIVE_INFINITY : at + 1;
}

/** HR@k with one target. */
export const hitRate = (rank: number, k: number): number => (rank <= k ? 1 : 0);

/** NDCG@k with one target: the ideal list has it first, so it is 1 / log2(rank + 1). */
export const ndcg = (rank: number, k: number): number => (rank <= k ? 1 / Math.log2(rank + 1) : 0);

export type Judgement = { HR: number; NDCG: number; Recall: number; MRR: number };

/**
 * One question with its targets at these ranks, in any order. HR: whether any is in the list; Recall: the share of
 * all that is; MRR: 1 / rank of the first; NDCG: against the list that has as many of them first as fit.
 */
export function judgeRanks(ranks: ArrayLike<number>, k: number): Judgement {
  let [hits, gain, ideal, first] = [0, 0, 0, Number.POSITIVE_INFINITY];
  for (let n = 0; n < ranks.length; n++) {
    hits += hitRate(ranks[n]!, k);
    gain += ndcg(ranks[n]!, k);
    ideal += ndcg(n + 1, k);
    first = Math.min(first, ranks[n]!);
  }
  return {
    HR: hitRate(first, k),
    NDCG: gain / ideal,
    Recall: hits / ranks.length,
    MRR: first <= k ? 1 / first : 0,
  };
}

/** The k best items outside the history, best first; ties to the smaller column, NaN never. */
export function bestOf(scores: Float64Array, history: ReadonlySet<number>, k: number): Int32Array {
  const best: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item]!;
    if (!(score > least) || history.has(item)) continue;
    let at = best.length;
    while (at > 0 && scores[best[at - 1]!]! < score) at--;
    best.splice(at, 0, item);
    if (best.length > k) best.pop();
    if (best.length === k) least = scores[best[k - 1]!]!;
  }
  return Int32Array.from(best);
}
