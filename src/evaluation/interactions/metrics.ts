/** Best items of a list and their scores, best first: at least k unseen ones and one more, where there are so many. */
export type Best = { columns: Int32Array; scores: Float32Array };

/** `list`: the k best unseen items. */
export type Judged = { recall: number; ndcg: number; list: number[] };

/**
 * Recall@k = hits by targets, uncapped, and NDCG@k with the targets first as the ideal: the protocol of LightGCN (He
 * et al. 2020). A target's rank is how many unseen items do not score less, itself among them; so ties count against
 * the model.
 */
export function judge(
  best: Best,
  seen: ReadonlySet<number>,
  targets: ReadonlySet<number>,
  k: number,
): Judged {
  const unseen = [...best.columns.keys()].filter((at) => !seen.has(best.columns[at]!));
  const scores = unseen.map((at) => best.scores[at]!);
  let hits = 0;
  let gain = 0;
  unseen.forEach((at, place) => {
    if (place >= k || !targets.has(best.columns[at]!)) return;
    let rank = place + 1;
    while (rank < scores.length && !(scores[rank]! < scores[place]!)) rank++;
    if (rank > k || Number.isNaN(scores[place])) return;
    hits++;
    gain += 1 / Math.log2(rank + 1);
  });
  let ideal = 0;
  for (let rank = 1; rank <= Math.min(k, targets.size); rank++) ideal += 1 / Math.log2(rank + 1);
  const list = unseen.slice(0, k).map((at) => best.columns[at]!);
  return { recall: hits / targets.size, ndcg: gain / ideal, list };
}
