import { createHash } from 'node:crypto';
import { type Catalog, servable } from '../catalog/index.ts';
import { type ItemKind, type ItemRef, KIND_CODE, LEVEL } from '../catalog/types.ts';
import { APPROVAL, applyEvent, copyState, type Deeds, type Events, emptyState } from '../events/index.ts';
import { EVENT_STRENGTH, type StateEvent, type UserState } from '../events/types.ts';
import { lookedAhead, unmeasurable } from './errors.ts';
import { cameAt } from './past/columns.ts';
import { visitsOf } from './rerank/held-out.ts';
import type { Dataset } from './sequences.ts';
import type { Asked, Split } from './splits.ts';
import { momentAt, NEXT, type TemporalSplit } from './temporal.ts';

/** A temporal split of the platform's own log: each question has its time and the state that serving had then. */
export type LogSplit = TemporalSplit & {
  kind: ItemKind;
  /** Ids of the split's columns; `training.items` are their refs. */
  ids: string[];
  dataset: Dataset;
};

/**
 * `next`: each person once, at the moment of the split, about the next items that they approved of. `visits`: the
 * log replayed; each visit (the first few of a person) as of before it, about what was approved of in it, with what
 * had been learned by the beginning of the period that it falls into.
 */
export type Asking = { mode: 'next' } | { mode: 'visits'; periods: number };

type Parts = {
  catalog: Pick<Catalog, 'columns'>;
  events: Pick<Events, 'deeds' | 'interactionLog'>;
};
type Cut = { share: number } | { at: number };
type Past = {
  columns: Catalog['columns'];
  /** When each item came, by ref. */
  from: Float64Array;
  columnOf: ReadonlyMap<ItemRef, number>;
};

/** Visits of one person that are asked about: who comes daily is not to be the whole figure. */
const VISITS = 5;

/** @throws HamletError `log-empty` (422) when nothing lies before the moment or after it */
export async function logSplit(parts: Parts, kind: ItemKind, cut: Cut): Promise<LogSplit> {
  const [split] = await logSplits(parts, kind, cut, { mode: 'next' });
  return split!;
}

/**
 * One split a period. Each learns from the log before its beginning, as the item graph does, and asks about items that
 * the person had not met before, did not make and that anybody may be shown; what had not come yet when a question is
 * asked is left out of it, and what came after the period's beginning is new to all that was learned.
 *
 * @throws HamletError `log-empty` (422) when nothing lies before the moment or after it
 */
export async function logSplits(parts: Parts, kind: ItemKind, cut: Cut, asking: Asking): Promise<LogSplit[]> {
  const { columns } = parts.catalog;
  const everybody = await parts.events.deeds();
  const ofKind = ({ item }: StateEvent) => columns.kind[item] === KIND_CODE[kind];
  const times = Float64Array.from(everybody.flatMap(({ deeds }) => deeds.filter(ofKind).map(({ at }) => at)));
  const at = 'at' in cut ? cut.at : momentAt(times, cut.share);
  const items = catalogueOf(columns, kind);
  const past: Past = {
    ...{ columns, from: cameAt(columns, everybody) },
    columnOf: new Map([...items].map((ref, column) => [ref, column])),
  };
  const asked = everybody.flatMap((person, user) =>
    (asking.mode === 'next' ? nextOf(person, at, past) : visitsAfter(person, at, past)).map((question) => ({
      ...question,
      user,
    })),
  );
  const ends = asked.reduce((last, question) => Math.max(last, question.at!), at) + 1;
  const periods = asking.mode === 'next' ? 1 : asking.periods;
  const dataset = describeLog(kind, everybody, times.length, items.length);
  const splits: LogSplit[] = [];
  for (let period = 0; period < periods; period++) {
    const [begins, stops] = [period, period + 1].map((n) => at + ((ends - at) * n) / periods);
    const learned = await splitAt(parts, kind, begins!, items);
    const questions = periods === 1 ? asked : asked.filter((one) => one.at! >= begins! && one.at! < stops!);
    if (period === 0 && (learned.log!.users === 0 || asked.length === 0))
      throw unmeasurable(
        'log-empty',
        `The log has no ${kind} that was liked ${learned.log!.users === 0 ? 'before' : 'after'} ${new Date(at).toISOString()}.`,
      );
    const askedOf = new Set(asked.map(({ user }) => user)).size;
    splits.push({
      ...{ ...learned, questions, kind, at: begins!, dataset, tooShort: everybody.length - askedOf },
      ids: Array.from(items, (ref) => columns.idOf(ref)),
    });
  }
  return splits;
}

/** What may be learned by a moment: over the whole catalogue, and as the item graph reads it. */
export async function splitAt(
  { events }: Pick<Parts, 'events'>,
  kind: ItemKind,
  at: number,
  items: Int32Array,
): Promise<Pick<Split, 'training' | 'log'>> {
  const log = await events.interactionLog(kind, new Date(at));
  if (!log.syntheticTime && log.times.some((time) => time >= at))
    throw lookedAhead(`The log before ${new Date(at).toISOString()} holds what came later.`);
  const columnOf = new Map([...items].map((ref, column) => [ref, column]));
  return {
    log,
    training: { ...log, items, columns: log.columns.map((column) => columnOf.get(log.items[column]!)!) },
  };
}

/** @returns the state that serving had of a person right before a moment */
export async function stateBefore(
  { events }: Pick<Parts, 'events'>,
  { id, user }: Pick<UserState, 'id' | 'user'>,
  at: number,
): Promise<UserState> {
  const person = (await events.deeds()).find((one) => one.user === user);
  const state = { ...emptyState(id), user };
  for (const deed of person?.deeds ?? []) if (deed.at < at) take(state, deed);
  return state;
}

/** All that the platform knows of a kind: histories hold what not everybody may see, too. */
const catalogueOf = (columns: Catalog['columns'], kind: ItemKind): Int32Array =>
  Int32Array.from(Array(columns.size).keys()).filter((ref) => columns.kind[ref] === KIND_CODE[kind]);

/** Who had no history then is known by all up to the first approval. */
function nextOf({ user, id, deeds }: Deeds, moment: number, past: Past): Omit<Asked, 'user'>[] {
  const state: UserState = { ...emptyState(id), user };
  for (const deed of deeds) if (deed.at < moment) take(state, deed);
  const after = deeds.filter((deed) => deed.at >= moment).sort((a, b) => a.at - b.at);
  let at = moment;
  if (!state.recent.some(({ item }) => past.columnOf.has(item))) {
    const first = after.findIndex((deed) => approves(deed) && past.columnOf.has(deed.item));
    for (const deed of after.splice(0, first + 1)) {
      take(state, deed);
      at = deed.at + 1;
    }
  }
  // What came later is asked about: it is there from then on for every recommender alike.
  return questionOf(state, after, Number.POSITIVE_INFINITY, past).map((question) => ({ ...question, at }));
}

function visitsAfter({ user, id, deeds }: Deeds, moment: number, past: Past): Omit<Asked, 'user'>[] {
  const state: UserState = { ...emptyState(id), user };
  const asked: Omit<Asked, 'user'>[] = [];
  for (const visit of visitsOf(deeds)) {
    const at = visit[0]!.at;
    if (at >= moment && asked.length < VISITS)
      asked.push(...questionOf(copyState(state), visit, at, past).map((question) => ({ ...question, at })));
    for (const deed of visit) take(state, deed);
  }
  return asked;
}

/** At most one: none where there is nothing to ask, or nobody known. */
function questionOf(
  state: UserState,
  after: StateEvent[],
  thereBy: number,
  { columns, columnOf, from }: Past,
): Omit<Asked, 'user' | 'at'>[] {
  const mayBeShown = (item: ItemRef) =>
    columnOf.has(item) &&
    servable(columns.level[item]!, LEVEL.PG) &&
    columns.creator[item] !== state.user &&
    !state.seen.has(item) &&
    from[item]! <= thereBy;
  const liked = new Set(after.filter(approves).map(({ item }) => item));
  const next = [...liked].filter(mayBeShown).slice(0, NEXT);
  const history = state.recent.filter(({ item }) => columnOf.has(item));
  if (next.length === 0 || history.length === 0) return [];
  return [
    {
      history: Int32Array.from(history, ({ item }) => columnOf.get(item)!),
      strengths: Float32Array.from(history, ({ strength }) => strength),
      seen: Int32Array.from([...columnOf].filter(([item]) => !mayBeShown(item)).map(([, column]) => column)),
      targets: Int32Array.from(next, (item) => columnOf.get(item)!),
      state,
    },
  ];
}

function take(state: UserState, deed: StateEvent): void {
  applyEvent(state, deed);
  state.seq++;
}

const approves = ({ type }: StateEvent): boolean => EVENT_STRENGTH[type] >= APPROVAL;

function describeLog(kind: ItemKind, everybody: Deeds[], interactions: number, items: number): Dataset {
  const digest = createHash('sha256');
  for (const { id, deeds } of everybody)
    digest.update(JSON.stringify([id, deeds.map(({ item, type, at }) => [item, type, at])]));
  return {
    ...{ file: `log of ${kind}s`, sha256: digest.digest('hex'), users: everybody.length, items },
    ...{ interactions, repeats: 0, malformed: { lines: 0, first: [] } },
  };
}
