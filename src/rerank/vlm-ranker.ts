import type { HamletError } from '../errors.ts';
import type { Vlm } from '../vlm/index.ts';
import { fitAdditive } from './additive.ts';
import {
  type Aggregated,
  type Answer,
  aggregate,
  isStable,
  type Knowledge,
  type Method,
} from './aggregate.ts';
import { spreadOf } from './blend.ts';
import { beliefOf, type Calibration, UNHEARD } from './calibration.ts';
import { type Call, planCalls } from './plan.ts';
import { type Preferred, rankQuestion, type Said, type ShownItem } from './prompt.ts';

export type RankOptions = Knowledge & {
  orders: number;
  batchSize: number;
  anchors: number;
  method: Method;
  seed: number;
};
/** Eight calls for twenty items at most. Chosen by measurement (bench/rerank.md). */
export const RANKING: RankOptions = { orders: 4, batchSize: 11, anchors: 2, method: 'additive', seed: 1 };
/** Orders that are asked at once; more only while the top still changes. */
const AT_ONCE = 2;
const TOP = 5;

export type Ranking = {
  /** Best first; an item that no answer scored is not in it. */
  items: Aggregated[];
  /** What was said of each item, call by call. */
  said: ReadonlyMap<string, Said[]>;
  /** What each call scored, in the order of the plan. */
  answers: Answer[];
  /** How much the order says: what items differ by over what the model would say of them if it did not err. */
  conviction: number;
  /** What this list teaches of the model. */
  lesson: Calibration;
  calls: number;
  tokens: number;
  repaired: number;
  /** Calls that came to nothing, by code. */
  failures: string[];
};

/**
 * Ranks items against preferences by several seeded orders, each cut into batches anew with anchors in common.
 * Calls that fail cost only their own scores.
 * @throws HamletError of the first failure when nothing was answered at all
 */
export async function rankByVlm(
  vlm: Pick<Vlm, 'ask' | 'pictures'>,
  preferences: readonly Preferred[],
  items: readonly ShownItem[],
  options: RankOptions = RANKING,
  signal?: AbortSignal,
): Promise<Ranking> {
  const { batchSize, most } = fitted(items, vlm.pictures.most, options);
  const known = new Map(items.map((item) => [item.id, { ...item, pictures: item.pictures.slice(0, most) }]));
  const plan = planCalls([...known.keys()], { ...options, batchSize });
  const ranking = {
    calls: 0,
    tokens: 0,
    repaired: 0,
    failures: [] as string[],
    said: new Map<string, Said[]>(),
  };
  const answers: Answer[] = [];
  let first: HamletError | undefined;

  async function ask(call: Call): Promise<void> {
    ranking.calls++;
    try {
      const shown = call.items.map((id) => known.get(id)!);
      const { value, tokens, repaired } = await vlm.ask(rankQuestion(preferences, shown, signal));
      ranking.tokens += tokens;
      if (repaired) ranking.repaired++;
      answers.push({ call, scores: new Map(value.map(({ id, score }) => [id, score])) });
      for (const one of value) ranking.said.set(one.id, [...(ranking.said.get(one.id) ?? []), one]);
    } catch (error) {
      first ??= error as HamletError;
      ranking.failures.push((error as HamletError).code ?? 'failed');
    }
  }

  const askOrders = (from: number, until: number) =>
    Promise.all(plan.filter(({ order }) => order >= from && order < until).map(ask));
  const rankedBy = (orders: number) =>
    aggregate(
      inOrder(answers).filter(({ call }) => call.order < orders),
      options,
    );
  await askOrders(0, AT_ONCE);
  for (let orders = AT_ONCE; orders < options.orders; orders++) {
    if (isStable(rankedBy(orders - 1), rankedBy(orders), { top: Math.min(TOP, items.length) })) break;
    await askOrders(orders, orders + 1);
  }
  if (answers.length === 0 && first !== undefined) throw first;
  const { likeness, known: before = UNHEARD } = options;
  const ranked = rankedBy(options.orders);
  const { lesson } = fitAdditive(inOrder(answers), likeness, before);
  const conviction = spreadOf(ranked.map(({ score }) => score)).sd / beliefOf(before).signal;
  return { ...ranking, items: ranked, answers: inOrder(answers), conviction, lesson };
}

/** As planned, whichever answer came first. */
const inOrder = <T extends { call: Call }>(answers: readonly T[]): T[] =>
  answers.toSorted(
    (a, b) => a.call.order - b.call.order || (a.call.items.join() < b.call.items.join() ? -1 : 1),
  );

/** Rather fewer pictures of each item, but for one, than more calls. */
function fitted(items: readonly ShownItem[], inACall: number, options: RankOptions) {
  const batchSize = Math.max(2, Math.min(options.batchSize, inACall));
  return { batchSize, most: Math.max(1, Math.floor(inACall / Math.min(batchSize, items.length))) };
}
