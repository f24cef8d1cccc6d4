import { createHash } from 'node:crypto';
import { type Catalog, servable } from '../catalog/index.ts';
import { type ItemKind, type ItemRef, KIND_CODE, LEVEL } from '../catalog/types.ts';
import { APPROVAL, applyEvent, type Deeds, type Events, emptyState } from '../events/index.ts';
import { EVENT_STRENGTH, type StateEvent, type UserState } from '../events/types.ts';
import type { InteractionLog } from '../models/item-graph/types.ts';
import { unmeasurable } from './errors.ts';
import type { Dataset } from './sequences.ts';
import type { Asked } from './splits.ts';
import { momentAt, NEXT, type TemporalSplit } from './temporal.ts';

/** The same split over the platform's own log: users' states are those that serving would have had. */
export type LogSplit = TemporalSplit & {
  kind: ItemKind;
  /** Ids of the split's columns; `training.items` are their refs. */
  ids: string[];
  /** As at the moment of the split, by question. */
  states: UserState[];
  dataset: Dataset;
};

type Parts = {
  catalog: Pick<Catalog, 'columns'>;
  events: Pick<Events, 'deeds' | 'interactionLog'>;
};
type Past = { kind: ItemKind; at: number; columns: Catalog['columns']; columnOf: Map<ItemRef, number> };

/**
 * Learns from the log before a moment, as the item graph does, and asks about the next items (ten at most) that each
 * person approved of after it, had not met before it and did not make. The catalogue is what anybody may be shown;
 * items that came after the moment are in it. Who had no history then is known by all up to the first approval.
 *
 * @throws HamletError `log-empty` (422) when nothing lies before the moment or after it
 */
export async function logSplit(
  { catalog: { columns }, events }: Parts,
  kind: ItemKind,
  cut: { share: number } | { at: number },
): Promise<LogSplit> {
  const everybody = (await events.deeds()).map((person) => ({
    ...person,
    deeds: person.deeds.filter(({ item }) => columns.kind[item] === KIND_CODE[kind]),
  }));
  const times = Float64Array.from(everybody.flatMap(({ deeds }) => deeds.map(({ at }) => at)));
  const at = 'at' in cut ? cut.at : momentAt(times, cut.share);
  const log = await events.interactionLog(kind, new Date(at));
  const items = catalogueOf(columns, kind, log.items);
  const columnOf = new Map([...items].map((ref, column) => [ref, column]));
  const asked = everybody.flatMap((person, user) => {
    const question = askedOf(person, { kind, at, columns, columnOf });
    return question === null ? [] : [{ ...question, user }];
  });
  if (log.users === 0 || asked.length === 0)
    throw unmeasurable(
      'log-empty',
      `The log has no ${kind} that was liked ${log.users === 0 ? 'before' : 'after'} ${new Date(at).toISOString()}.`,
    );
  return {
    ...{ kind, at, ids: Array.from(items, (ref) => columns.idOf(ref)) },
    training: { ...log, items, columns: log.columns.map((column) => columnOf.get(log.items[column]!)!) },
    questions: asked.map(({ state: _, ...question }) => question),
    states: asked.map(({ state }) => state),
    tooShort: everybody.length - asked.length,
    dataset: describeLog(kind, everybody, items.length),
  };
}

/** What may be shown to anybody, and what histories hold beside it. */
function catalogueOf(
  columns: Catalog['columns'],
  kind: ItemKind,
  known: InteractionLog['items'],
): Int32Array {
  const items = new Set(known);
  for (let ref = 1; ref < columns.size; ref++)
    if (columns.kind[ref] === KIND_CODE[kind] && servable(columns.level[ref]!, LEVEL.PG)) items.add(ref);
  return Int32Array.from(items).sort();
}

function askedOf(
  { user, id, deeds }: Deeds,
  { at, columns, columnOf }: Past,
): (Omit<Asked, 'user'> & { state: UserState }) | null {
  const state: UserState = { ...emptyState(id), user };
  const take = (deed: StateEvent) => {
    applyEvent(state, deed);
    state.seq++;
  };
  for (const deed of deeds) if (deed.at < at) take(deed);
  const after = deeds.filter((deed) => deed.at >= at).sort((a, b) => a.at - b.at);
  if (state.recent.length === 0)
    for (const deed of after.splice(0, after.findIndex(approves) + 1)) take(deed);
  const isNew = (item: ItemRef) =>
    servable(columns.level[item]!, LEVEL.PG) && columns.creator[item] !== user && !state.seen.has(item);
  const liked = after.filter(approves).map(({ item }) => item);
  const next = [...new Set(liked)].filter(isNew).slice(0, NEXT);
  const history = state.recent.filter(({ item }) => columnOf.has(item));
  if (next.length === 0 || history.length === 0) return null;
  return {
    history: Int32Array.from(history, ({ item }) => columnOf.get(item)!),
    strengths: Float32Array.from(history, ({ strength }) => strength),
    seen: leftOut(state, columns, columnOf),
    targets: Int32Array.from(next, (item) => columnOf.get(item)!),
    state,
  };
}

const approves = ({ type }: StateEvent): boolean => EVENT_STRENGTH[type] >= APPROVAL;

/** As serving leaves out: what was met, one's own, and what not everybody may see. */
function leftOut(state: UserState, columns: Catalog['columns'], columnOf: Map<ItemRef, number>): Int32Array {
  const left: number[] = [];
  for (const [item, column] of columnOf)
    if (
      state.seen.has(item) ||
      columns.creator[item] === state.user ||
      !servable(columns.level[item]!, LEVEL.PG)
    )
      left.push(column);
  return Int32Array.from(left);
}

function describeLog(kind: ItemKind, everybody: Deeds[], items: number): Dataset {
  const digest = createHash('sha256');
  for (const { id, deeds } of everybody)
    digest.update(JSON.stringify([id, deeds.map(({ item, type, at }) => [item, type, at])]));
  return {
    ...{ file: `log of ${kind}s`, sha256: digest.digest('hex'), users: everybody.length, items },
    interactions: everybody.reduce((sum, { deeds }) => sum + deeds.length, 0),
    ...{ repeats: 0, malformed: { lines: 0, first: [] } },
  };
}
