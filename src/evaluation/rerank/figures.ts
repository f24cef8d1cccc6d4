import { seededRandom } from '../../recommend/index.ts';
import { hitRate, ndcg } from '../metrics.ts';
import type { RerankList } from './lists.ts';
import { type JudgedList, RANKERS, type Ranker } from './measure.ts';

const K = 5;
const RESAMPLES = 2000;

/** A mean with its 95 % interval. */
export type Estimate = { mean: number; low: number; high: number };
export type RankerFigures = {
  'Recall@5': Estimate;
  'NDCG@5': Estimate;
  /** Recall@5 less that of the base order, list by list. */
  overBase: Estimate;
  /** Recall@5 by where the liked item stood as the list was handed over: first five, …, last five. */
  byGoldPlace: number[];
};
export type CostFigures = {
  calls: number;
  tokens: number;
  seconds: number;
  /** Shares of all calls: came to nothing; were asked twice; had an answer that could not be used as it was. */
  failed: number;
  repaired: number;
  malformed: number;
  kendallTau: number;
  conviction: number;
};

/** Percentile bootstrap (Efron 1979) that draws people, not lists: two lists of one person are alike. */
export function estimate(values: readonly number[], people: readonly string[], seed = 1): Estimate {
  const byPerson = [...Map.groupBy(values.keys(), (n) => people[n]!).values()].map((places) => ({
    sum: places.reduce((total, n) => total + values[n]!, 0),
    count: places.length,
  }));
  const random = seededRandom(seed);
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let [sum, count] = [0, 0];
    for (let draw = 0; draw < byPerson.length; draw++) {
      const drawn = byPerson[Math.floor(random.next() * byPerson.length)]!;
      sum += drawn.sum;
      count += drawn.count;
    }
    return sum / count;
  }).sort();
  return {
    mean: mean(values),
    low: means[Math.floor(RESAMPLES * 0.025)]!,
    high: means[Math.ceil(RESAMPLES * 0.975) - 1]!,
  };
}

/** @param lists as they were handed over, aligned with `judged` */
export function rankerFigures(
  lists: readonly RerankList[],
  judged: readonly JudgedList[],
): Record<Ranker, RankerFigures> {
  const people = lists.map(({ state }) => state.id);
  const rankOf = (n: number, ranker: Ranker) => judged[n]!.orders[ranker].indexOf(lists[n]!.gold) + 1;
  const of = (ranker: Ranker): RankerFigures => {
    const hits = lists.map((_, n) => hitRate(rankOf(n, ranker), K));
    const gains = lists.map((_, n) => ndcg(rankOf(n, ranker), K));
    const over = hits.map((hit, n) => hit - hitRate(rankOf(n, 'base'), K));
    return {
      'Recall@5': estimate(hits, people),
      'NDCG@5': estimate(gains, people),
      overBase: estimate(over, people),
      byGoldPlace: [0, 1, 2, 3].map((quarter) =>
        mean(
          hits.filter((_, n) => Math.floor((judged[n]!.goldPlace * 4) / lists[n]!.shown.length) === quarter),
        ),
      ),
    };
  };
  return Object.fromEntries(RANKERS.map((ranker) => [ranker, of(ranker)])) as Record<Ranker, RankerFigures>;
}

export function costFigures(judged: readonly JudgedList[]): CostFigures {
  const per = (of: (list: JudgedList) => number) => mean(judged.map(of));
  const calls = per((list) => list.calls);
  return {
    calls,
    tokens: per(({ tokens }) => tokens),
    seconds: per(({ seconds }) => seconds),
    failed: per(({ failed }) => failed) / calls,
    repaired: per(({ repaired }) => repaired) / calls,
    malformed: per(({ malformed }) => malformed) / calls,
    kendallTau: mean(judged.flatMap(({ tau }) => tau ?? [])),
    conviction: per(({ conviction }) => conviction),
  };
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
