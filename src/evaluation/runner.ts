import { setImmediate as nextTurn } from 'node:timers/promises';
import { bootstrap } from './intervals.ts';
import { bestOf, hitRate, ndcg, rankInList, rankOfTarget } from './metrics.ts';
import type { Split } from './splits.ts';
import type { ListMaker, OfflineRecommender, Question, Scorer } from './types.ts';

export type Figures = {
  [metric: `HR@${number}` | `NDCG@${number}`]: number;
  /** 95 % bootstrap intervals over users. */
  ci95: Record<string, [number, number]>;
  /** Share of the catalogue that stands in at least one list. */
  coverage: number;
  /** Preparing and answering, together. */
  seconds: number;
};

/** Users between two turns of the event loop. */
const BATCH = 64;

/**
 * Asks one recommender about every user of the split, over the full catalogue, the seen left out.
 * @param k length of the lists that are judged.
 */
export async function measure(
  recommender: OfflineRecommender,
  split: Split,
  { k, seed }: { k: number; seed: number },
  progress: (fraction: number) => void = () => {},
): Promise<Figures> {
  const started = performance.now();
  const prepared = await recommender.prepare(split, (fraction) => progress(fraction / 2));
  const answer = 'score' in prepared ? byScores(prepared, split.training.items.length) : byList(prepared);
  const users = split.targets.length;
  const hits = new Float64Array(users);
  const gains = new Float64Array(users);
  const shown = new Uint8Array(split.training.items.length);
  for (let user = 0; user < users; user++) {
    const { offsets, columns } = split.training;
    const history = columns.subarray(offsets[user]!, offsets[user + 1]!);
    const answered = answer({ history, user, k, seed }, split.targets[user]!);
    const { rank, list } = answered instanceof Promise ? await answered : answered;
    hits[user] = hitRate(rank, k);
    gains[user] = ndcg(rank, k);
    for (const item of list) shown[item] = 1;
    if (user % BATCH === 0) {
      progress(0.5 + user / users / 2);
      await nextTurn();
    }
  }
  if ('list' in prepared) await prepared.close?.();
  const seconds = (performance.now() - started) / 1000;
  const perUser = { [`HR@${k}`]: hits, [`NDCG@${k}`]: gains };
  const figures: Record<string, number> = {};
  for (const [name, values] of Object.entries(perUser)) figures[name] = mean(values);
  return { ...figures, ci95: bootstrap(perUser, seed), coverage: mean(Float64Array.from(shown)), seconds };
}

type Answer = { rank: number; list: Int32Array };
type Answerer = (question: Question, target: number) => Answer | Promise<Answer>;

function byScores(scorer: Scorer, items: number): Answerer {
  const scores = new Float64Array(items);
  return (question, target) => {
    const { history, k } = question;
    const judge = () => ({
      rank: rankOfTarget(scores, target, history),
      list: bestOf(scores, new Set(history), k),
    });
    const scored = scorer.score(history, scores, question);
    return scored instanceof Promise ? scored.then(judge) : judge();
  };
}

function byList(maker: ListMaker): Answerer {
  return async (question, target) => {
    const list = (await maker.list(question)).subarray(0, question.k);
    return { rank: rankInList(list, target), list };
  };
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
