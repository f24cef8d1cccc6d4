import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Beyond, beyondAccuracy } from './beyond.ts';
import { bootstrap } from './intervals.ts';
import { bestOf, type Judgement, judgeRanks, rankInList, rankOfTarget } from './metrics.ts';
import type { PairedDifference } from './paired.ts';
import { type SegmentFigures, type SegmentName, segmentsOf } from './segments.ts';
import type { Asked, Split } from './splits.ts';
import type { ListMaker, OfflineRecommender, Question, Scorer } from './types.ts';

/** What one recommender answered. */
export type Judged = {
  /** By metric (`HR@10`, `NDCG@10`, …): one value a question, in the order of the split. */
  perQuestion: Record<string, Float64Array>;
  /** The k best of each question, best first, and the rank of each of its targets. */
  lists: Int32Array[];
  ranks: number[][];
  /** Preparing and answering, together. */
  seconds: number;
};

export type Figures = {
  [metric: `${keyof Judgement}@${number}`]: number;
  /** 95 % bootstrap intervals over users. */
  ci95: Record<string, [number, number]>;
  segments: Partial<Record<SegmentName, SegmentFigures>>;
  /** How far it is from the baseline of the report: the mean of its lead, with interval and p. */
  against?: { baseline: string } & { [metric: string]: PairedDifference | string };
  /** Preparing and answering, together. */
  seconds: number;
} & Beyond;

/** Users between two turns of the event loop. */
const BATCH = 64;

/** Asks one recommender about every user of the split, and says what that is worth. */
export async function measure(
  recommender: OfflineRecommender,
  split: Split,
  asked: { k: number; seed: number },
  progress?: (fraction: number) => void,
): Promise<Figures> {
  return figuresOf(await judge(recommender, split, asked, progress), [split], asked);
}

/**
 * Asks one recommender about every user of the split, over the full catalogue, the seen left out.
 * @param k length of the lists that are judged.
 */
export async function judge(
  recommender: OfflineRecommender,
  split: Split,
  { k, seed }: { k: number; seed: number },
  progress: (fraction: number) => void = () => {},
): Promise<Judged> {
  const started = performance.now();
  const prepared = await recommender.prepare(split, (fraction) => progress(fraction / 2));
  const answer = 'score' in prepared ? byScores(prepared, split.training.items.length) : byList(prepared);
  const users = split.questions.length;
  const perQuestion: Judged['perQuestion'] = Object.fromEntries(
    METRICS.map((metric) => [`${metric}@${k}`, new Float64Array(users)]),
  );
  const lists: Int32Array[] = [];
  const allRanks: number[][] = [];
  for (const [n, { targets, ...question }] of split.questions.entries()) {
    const answered = answer({ ...question, k, seed }, targets);
    const { ranks, list } = answered instanceof Promise ? await answered : answered;
    const judged = judgeRanks(ranks, k);
    for (const metric of METRICS) perQuestion[`${metric}@${k}`]![n] = judged[metric];
    lists.push(list);
    allRanks.push(ranks);
    if (n % BATCH === 0) {
      progress(0.5 + n / users / 2);
      await nextTurn();
    }
  }
  if ('list' in prepared) await prepared.close?.();
  return { perQuestion, lists, ranks: allRanks, seconds: (performance.now() - started) / 1000 };
}

/** Answers to several splits as to one. */
export const joined = (judged: Judged[]): Judged => ({
  perQuestion: Object.fromEntries(
    Object.keys(judged[0]!.perQuestion).map((metric) => [
      metric,
      Float64Array.from(judged.flatMap(({ perQuestion }) => [...perQuestion[metric]!])),
    ]),
  ),
  lists: judged.flatMap(({ lists }) => lists),
  ranks: judged.flatMap(({ ranks }) => ranks),
  seconds: judged.reduce((sum, { seconds }) => sum + seconds, 0),
});

/**
 * One value a user, which is what intervals are drawn over: the mean of a user's questions. Users are in the order of
 * their first question, the same for every recommender that was asked the same splits.
 */
export function perUser({ perQuestion }: Judged, splits: Split[]): Record<string, Float64Array> {
  const users = splits.flatMap(({ questions }) => questions.map(({ user }) => user));
  const places = [...Map.groupBy(users.keys(), (n) => users[n]!).values()];
  return Object.fromEntries(
    Object.entries(perQuestion).map(([metric, values]) => [
      metric,
      Float64Array.from(places, (own) => own.reduce((sum, n) => sum + values[n]!, 0) / own.length),
    ]),
  );
}

export function figuresOf(judged: Judged, splits: Split[], asked: { k: number; seed: number }): Figures {
  const values = perUser(judged, splits);
  return {
    ...Object.fromEntries(Object.entries(values).map(([name, ofUsers]) => [name, mean(ofUsers)])),
    ci95: bootstrap(values, asked.seed),
    segments: segmentsOf(judged, splits, asked),
    ...beyondAccuracy(judged.lists, splits[0]!.training, asked.seed),
    seconds: judged.seconds,
  };
}

const METRICS = ['HR', 'NDCG', 'Recall', 'MRR'] as const;

type Answer = { ranks: number[]; list: Int32Array };
type Answerer = (question: Question, targets: Asked['targets']) => Answer | Promise<Answer>;

function byScores(scorer: Scorer, items: number): Answerer {
  const scores = new Float64Array(items);
  return (question, targets) => {
    const { history, seen = history, k } = question;
    const judge = () => ({
      ranks: Array.from(targets, (target) => rankOfTarget(scores, target, seen)),
      list: bestOf(scores, new Set(seen), k),
    });
    const scored = scorer.score(history, scores, question);
    return scored instanceof Promise ? scored.then(judge) : judge();
  };
}

function byList(maker: ListMaker): Answerer {
  return async (question, targets) => {
    const list = (await maker.list(question)).subarray(0, question.k);
    return { ranks: Array.from(targets, (target) => rankInList(list, target)), list };
  };
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
