import type { Catalog } from '../../catalog/index.ts';
import type { ItemKind, ItemRef } from '../../catalog/types.ts';
import type { Database } from '../../db/index.ts';
import type { Sendable } from '../../images/index.ts';
import {
  type Answer,
  aggregate,
  attributeScores,
  blend,
  type Calibration,
  likenessOf,
  METHOD_NAMES,
  type Method,
  type Preferred,
  RANKING,
  rankByVlm,
  rankQuestion,
  readShown,
  type ShownItem,
} from '../../rerank/index.ts';
import { type Describe, describe, type Preference, readHistory, type Vocabulary } from '../../taste/index.ts';
import type { Vlm } from '../../vlm/index.ts';
import type { RerankList } from './lists.ts';

export type Judging = {
  db: Database;
  catalog: Pick<Catalog, 'columns' | 'vectors'>;
  vlm: Vlm;
  sendable: Sendable;
  describer: Describe;
  vocabulary: Vocabulary;
  kind: ItemKind;
};

/**
 * `local` is the base list with what CLIP sees added to it, `served` with the aggregate, too, as lists are served.
 */
export type Ranker = 'base' | 'local' | 'one-order' | Method | 'served';
export const RANKERS: Ranker[] = ['base', 'local', 'one-order', ...METHOD_NAMES, 'served'];
/** How a client hands the list over; the last two put the liked item where one order helps or harms it most. */
export type ClientOrder = 'identity' | 'reversed' | 'gold-first' | 'gold-last';

/** One list in every order that is compared, best first; without any answer the base order stands. */
export type JudgedList = {
  orders: Record<Ranker, ItemRef[]>;
  /** Where the liked item stood as the list was handed over, from 0. */
  goldPlace: number;
  /** Kendall's tau between the rankings of the model's single orders; null where there was one. */
  tau: number | null;
  /** How much the aggregate says, and what the list taught of the model. */
  conviction: number;
  lesson: Calibration | null;
  calls: number;
  tokens: number;
  failed: number;
  repaired: number;
  /** Calls whose first answer could not be used. */
  malformed: number;
  seconds: number;
};
export type Taste = { preferences: Preference[]; preferred: Preferred[] };

/** What the person's taste was, in the model's words, from what was liked by then; nothing of it is stored. */
export async function tasteAt({ state }: RerankList, judging: Judging): Promise<Taste> {
  const history = await readHistory(judging.db, judging.catalog, state);
  const drafts = describe(history, judging.vocabulary);
  const preferences = await judging.describer
    .describe(history, drafts, judging.vocabulary)
    .catch(() => drafts);
  const names = (entries: { name: string }[]) => entries.map(({ name }) => name);
  const preferred = preferences.map(({ id, text, likes, avoids }) => ({
    ...{ id, text },
    ...{ likes: names(likes), avoids: names(avoids) },
  }));
  return { preferences, preferred };
}

export async function judgeList(
  list: RerankList,
  taste: Taste,
  client: ClientOrder,
  judging: Judging,
  known: Calibration,
): Promise<JudgedList> {
  const began = performance.now();
  const handed = handedOver(list, client);
  const found = await readShown(judging.db, judging.kind, handed, judging.sendable);
  const shown = handed.flatMap((item) => found.find(({ id }) => id === String(item)) ?? []);
  const seen = shown.flatMap((item) => item.seen);
  const vectors = await judging.catalog.vectors('clip', [...new Set([...list.base, ...seen])]);
  const by = [taste, judging.vocabulary, (item: ItemRef) => vectors.get(item)] as const;
  const local = attributeScores(list.base, ...by);
  const likeness = likenessOf(shown, ...by);
  const options = { ...RANKING, likeness, known };
  const ranking = await rankByVlm(judging.vlm, taste.preferred, shown, options).catch(() => null);
  const seconds = (performance.now() - began) / 1000;
  const { answers = [], failures = [], repaired = 0 } = ranking ?? {};
  const ordered = (scores: ReadonlyMap<string, number>) => sortedBy(list.base, scores);
  const byMethod = Object.fromEntries(
    METHOD_NAMES.map((method) => [method, ordered(scoresBy(answers, { method, likeness, known }))]),
  ) as Record<Method, ItemRef[]>;
  const scores = new Map(ranking?.items.map(({ id, score }) => [id, score]));
  const vlm = list.base.map((item) => scores.get(String(item)));
  const conviction = ranking?.conviction ?? 0;
  const about = { kind: judging.kind, items: list.candidates, describedBy: 'attributes' } as const;
  return {
    orders: {
      base: list.base,
      local: byValues(list.base, blend({ attributes: local }, about)),
      'one-order': ordered(await oneOrder(shown, taste, judging.vlm)),
      ...byMethod,
      served: byValues(list.base, blend({ attributes: local, vlm, conviction }, about)),
    },
    goldPlace: handed.indexOf(list.gold),
    tau: meanTau(answers),
    conviction,
    lesson: ranking?.lesson ?? null,
    calls: ranking?.calls ?? 0,
    tokens: ranking?.tokens ?? 0,
    failed: failures.length,
    repaired,
    malformed: repaired + failures.filter((code) => code === 'vlm-malformed').length,
    seconds,
  };
}

function handedOver({ shown, gold }: RerankList, client: ClientOrder): ItemRef[] {
  const others = shown.filter((item) => item !== gold);
  if (client === 'gold-first') return [gold, ...others];
  if (client === 'gold-last') return [...others, gold];
  return client === 'identity' ? shown : shown.toReversed();
}

/** The plain way: the list once, as it was handed over, cut where a call is full. */
async function oneOrder(shown: ShownItem[], { preferred }: Taste, vlm: Vlm): Promise<Map<string, number>> {
  const { batchSize } = RANKING;
  const batches = Array.from({ length: Math.ceil(shown.length / batchSize) }, (_, n) =>
    shown.slice(n * batchSize, (n + 1) * batchSize),
  );
  const answers = await Promise.all(
    batches.map((batch) => vlm.ask(rankQuestion(preferred, batch)).catch(() => ({ value: [] }))),
  );
  return new Map(answers.flatMap(({ value }) => value.map(({ id, score }) => [id, score] as const)));
}

const scoresBy = (answers: Answer[], options: Parameters<typeof aggregate>[1]) =>
  new Map(aggregate(answers, options).map(({ id, score }) => [id, score]));

/** Best first; what has no score stays behind, in the base order; ties to the base order. */
const sortedBy = (base: ItemRef[], scores: ReadonlyMap<string, number>): ItemRef[] =>
  byValues(
    base,
    base.map((item) => scores.get(String(item)) ?? Number.NEGATIVE_INFINITY),
  );

const byValues = (base: ItemRef[], values: number[]): ItemRef[] =>
  base
    .map((item, place) => ({ item, place, value: values[place]! }))
    .sort((a, b) => (a.value === b.value ? a.place - b.place : b.value - a.value))
    .map(({ item }) => item);

/** Of the rankings of each two orders, over what both have. */
function meanTau(answers: Answer[]): number | null {
  const orders = [...Map.groupBy(answers, ({ call }) => call.order).values()].map((calls) =>
    scoresBy(calls, { method: 'mean' }),
  );
  const taus = orders.flatMap((a, n) => orders.slice(n + 1).map((b) => kendall(a, b)));
  return taus.length === 0 ? null : taus.reduce((sum, tau) => sum + tau, 0) / taus.length;
}

function kendall(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  const ids = [...a.keys()].filter((id) => b.has(id));
  let [sum, pairs] = [0, 0];
  for (const [n, one] of ids.entries())
    for (const other of ids.slice(n + 1)) {
      sum += Math.sign((a.get(one)! - a.get(other)!) * (b.get(one)! - b.get(other)!));
      pairs++;
    }
  return pairs === 0 ? 0 : sum / pairs;
}
