import type { Answer } from './aggregate.ts';

/** Aggregations that know nothing of places and calls: what `additive` is measured against. */

/** Of all scores an item got. */
export const mean = (answers: readonly Answer[]): Map<string, number> =>
  averages(answers.map(({ scores }) => scores));

/** Mean part of the others in its call that an item beats; ties count half (de Borda 1781). */
export const borda = (answers: readonly Answer[]): Map<string, number> =>
  averages(
    answers.map(({ scores }) => {
      const all = [...scores.values()];
      const beaten = (own: number) =>
        all.reduce((sum, other) => sum + (own > other ? 1 : own === other ? 0.5 : 0), -0.5);
      return new Map([...scores].map(([id, score]) => [id, beaten(score) / Math.max(1, all.length - 1)]));
    }),
  );

const RRF_K = 60;

/** Reciprocal rank fusion of the orders (Cormack, Clarke & Büttcher 2009). */
export function reciprocalRanks(answers: readonly Answer[]): Map<string, number> {
  const fused = new Map<string, number>();
  for (const ranking of rankings(answers))
    ranking.forEach((id, rank) => {
      fused.set(id, (fused.get(id) ?? 0) + 1 / (RRF_K + rank + 1));
    });
  return fused;
}

/**
 * The order that is nearest to all orders by Kendall's distance (permutation self-consistency, Tang et al. 2024),
 * found from Borda's by moving one item at a time for as long as that helps.
 */
export function consistent(answers: readonly Answer[]): Map<string, number> {
  const votes = votesOf(answers);
  const order = [...borda(answers)].sort(([, a], [, b]) => b - a).map(([id]) => id);
  const ahead = (a: string, b: string) => (votes.get(a)?.get(b) ?? 0) - (votes.get(b)?.get(a) ?? 0);
  for (let moved = true; moved; ) {
    moved = false;
    for (const id of [...order]) {
      const from = order.indexOf(id);
      const to = bestPlace(order, from, ahead);
      if (to === from) continue;
      order.splice(from, 1);
      order.splice(to, 0, id);
      moved = true;
    }
  }
  return new Map(order.map((id, place) => [id, order.length - place]));
}

/** Where an item agrees with most votes, if that is more than where it stands. */
function bestPlace(order: string[], from: number, ahead: (a: string, b: string) => number): number {
  const id = order[from]!;
  let [best, most] = [from, 0];
  for (const step of [-1, 1]) {
    let gain = 0;
    for (let place = from + step; place >= 0 && place < order.length; place += step) {
      gain += step * ahead(order[place]!, id);
      if (gain > most) [best, most] = [place, gain];
    }
  }
  return best;
}

/** How often one item stood above another, over the orders. */
function votesOf(answers: readonly Answer[]): Map<string, Map<string, number>> {
  const votes = new Map<string, Map<string, number>>();
  for (const ranking of rankings(answers))
    ranking.forEach((above, rank) => {
      const row = votes.get(above) ?? new Map<string, number>();
      for (const below of ranking.slice(rank + 1)) row.set(below, (row.get(below) ?? 0) + 1);
      votes.set(above, row);
    });
  return votes;
}

/** Each order's ranking of the whole list: its calls brought to one level by what the anchors got in each. */
function rankings(answers: readonly Answer[]): string[][] {
  const orders = Map.groupBy(answers, ({ call }) => call.order);
  return [...orders.values()].map((calls) => {
    const levels = calls.map(anchorLevel);
    const known = levels.filter((level) => level !== null);
    const usual = known.reduce((sum, level) => sum + level, 0) / Math.max(1, known.length);
    const scores = averages(
      calls.map(
        ({ scores }, n) =>
          new Map([...scores].map(([id, score]) => [id, score - (levels[n] ?? usual) + usual])),
      ),
    );
    return [...scores].sort(([, a], [, b]) => b - a).map(([id]) => id);
  });
}

function anchorLevel({ call, scores }: Answer): number | null {
  const anchors = call.anchors.flatMap((id) => scores.get(id) ?? []);
  return anchors.length === 0 ? null : anchors.reduce((sum, score) => sum + score, 0) / anchors.length;
}

function averages(all: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const scores of all)
    for (const [id, score] of scores) {
      const { sum, count } = sums.get(id) ?? { sum: 0, count: 0 };
      sums.set(id, { sum: sum + score, count: count + 1 });
    }
  return new Map([...sums].map(([id, { sum, count }]) => [id, sum / count]));
}
