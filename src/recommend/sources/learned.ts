import { servable } from '../../catalog/index.ts';
import { type ItemRef, KIND_CODE } from '../../catalog/types.ts';
import type { HistoryAnswer, HistoryModel } from '../../models/learned/types.ts';
import { eligible } from '../filters/index.ts';
import type { Context, Features, Scorer, Source, SourceHit } from '../types.ts';

/** Newest items of the history that may be named as a reason, of those that the model was told of. */
const NAMEABLE = 10;
/** What is liked is named before what was merely opened. */
const LIKED = 0.7;

/** A reason that nobody has looked for. */
const UNKNOWN = -1;

/** The model in force that a source asks, where there is one. */
export type ModelOf = (context: Context) => HistoryModel | undefined;

/**
 * The best items of a learned model, asked with the newest items of the history that it knows. An answer is kept
 * until the person's next event. Nothing where there is no model or no history.
 */
export function learnedSource(
  name: string,
  modelOf: ModelOf,
  options: { deadline: number; pool: number },
): Source {
  return {
    name,
    deadline: options.deadline,
    // A thread of this process that is late has too much to do and is not gone: a second would be hundreds of lists.
    rest: options.deadline,
    atHand: (context) => modelOf(context)?.answered(context.user) !== undefined,
    find(context) {
      const model = modelOf(context);
      const asked = model && askAbout(context, model);
      if (asked === undefined) return [];
      const take = (answer: HistoryAnswer) => hitsOf(answer, model!, context, options.pool);
      return asked instanceof Promise ? asked.then(take) : take(asked);
    },
  };
}

/**
 * Feature of whatever any source brought: its probability, divided by the likeliest item's. It asks nothing: a
 * list whose source was late is ranked without it.
 *
 * @param options.beside which likeliest: of all items, or of the candidates, where what a person has had already
 *   would leave nothing of what is new to them
 * @param options.temperature what logits are divided by: the larger, the further down the model has a say
 */
export const learnedScorer = (
  name: string,
  modelOf: ModelOf,
  { beside, temperature }: { beside: 'all' | 'candidates'; temperature: number },
): Scorer => ({
  name,
  score(candidates, context) {
    const model = modelOf(context);
    const answer = model?.answered(context.user);
    if (model === undefined || answer === undefined) return;
    const asked: Features[] = [];
    const logits: number[] = [];
    let best = beside === 'all' ? answer.logits[0]! : Number.NEGATIVE_INFINITY;
    for (const { item, features } of candidates) {
      // What the model brought itself has its share of the likeliest already.
      if (beside === 'all' && name in features) continue;
      const column = model.columnOf(item);
      const logit = column < 0 ? Number.NaN : model.logitOf(answer, column);
      if (Number.isNaN(logit)) continue;
      asked.push(features);
      logits.push(logit);
      if (beside === 'candidates') best = Math.max(best, logit);
    }
    for (let n = 0; n < asked.length; n++)
      asked[n]![name] = Math.exp(Math.min(0, (logits[n]! - best) / temperature));
  },
});

function askAbout({ user }: Context, model: HistoryModel) {
  const answer = model.answered(user);
  if (answer !== undefined) return answer;
  const history = historyOf(user.recent, model);
  return history.length === 0 ? undefined : model.ask(user, history);
}

function historyOf(recent: Context['user']['recent'], model: HistoryModel): Int32Array {
  const columns: number[] = [];
  for (let i = recent.length - 1; i >= 0 && columns.length < model.length; i--) {
    const { item, strength } = recent[i]!;
    const column = strength >= model.minStrength ? model.columnOf(item) : -1;
    if (column >= 0) columns.push(column);
  }
  return Int32Array.from(columns.reverse());
}

function hitsOf(answer: HistoryAnswer, model: HistoryModel, context: Context, pool: number): SourceHit[] {
  const keeps = eligible(context);
  const scaled = scaleOf(answer);
  const reasons = reasonsOf(answer, nameableHistory(context, model), model);
  const hits: SourceHit[] = [];
  for (let rank = 0; rank < answer.columns.length && hits.length < pool; rank++) {
    const column = answer.columns[rank]!;
    const item = model.itemAt(column);
    if (item > 0 && keeps(item))
      hits.push({ item, score: scaled(answer.logits[rank]!), because: reasons(rank) });
  }
  return hits;
}

/** How likely beside the likeliest: a ratio of the softmax, so that models of any scale blend alike. */
function scaleOf({ logits }: HistoryAnswer): (logit: number) => number {
  const best = logits[0]!;
  return (logit) => Math.exp(Math.min(0, logit - best));
}

type Named = { item: ItemRef; column: number };

/** Items of the kind that is asked for: a model may have been told of others, which it cannot compare. */
function nameableHistory(context: Context, model: HistoryModel): Named[] {
  const liked = newestOf(context, model, Math.max(LIKED, model.minStrength));
  return liked.length > 0 ? liked : newestOf(context, model, model.minStrength);
}

function newestOf({ user, columns, request }: Context, model: HistoryModel, least: number): Named[] {
  const named: Named[] = [];
  for (let i = user.recent.length - 1; i >= 0 && named.length < NAMEABLE; i--) {
    const { item, strength } = user.recent[i]!;
    if (strength < least || columns.kind[item] !== KIND_CODE[request.kind]) continue;
    const column = model.columnOf(item);
    if (column >= 0 && servable(columns.level[item] ?? 0, request.maxLevel)) named.push({ item, column });
  }
  return named;
}

/** What was named for the ranks of an answer so far, by that history. */
const named = new WeakMap<HistoryAnswer, { history: string; because: Int32Array }>();

/** The reason for each rank; kept with the answer, since an answer serves all lists until the next event. */
function reasonsOf(answer: HistoryAnswer, nameable: Named[], model: HistoryModel): (rank: number) => ItemRef {
  const history = nameable.map(({ item }) => item).join();
  let known = named.get(answer);
  if (known?.history !== history) {
    known = { history, because: new Int32Array(answer.columns.length).fill(UNKNOWN) };
    named.set(answer, known);
  }
  const { because } = known;
  return (rank) => {
    if (because[rank] === UNKNOWN) because[rank] = nearest(answer.columns[rank]!, nameable, model);
    return because[rank]!;
  };
}

/** The recent item that the model takes to be most like it: what it attended to would be no reason. */
function nearest(column: number, history: Named[], model: HistoryModel): ItemRef {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (const { item, column: other } of history) {
    const likeness = model.likeness(column, other);
    if (likeness > most) [best, most] = [item, likeness];
  }
  return best;
}
