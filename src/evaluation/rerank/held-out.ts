import type { ItemColumns } from '../../catalog/columns.ts';
import { servable } from '../../catalog/index.ts';
import { type ItemKind, type ItemRef, KIND_CODE, LEVEL } from '../../catalog/types.ts';
import { applyEvent, copyState, type Deeds, emptyState } from '../../events/index.ts';
import type { StateEvent, UserState } from '../../events/types.ts';

/** A like that nothing of is known when the list is made: the person as of before the visit it fell into. */
export type HeldOut = { state: UserState; gold: ItemRef; at: number };

const LIKES: ReadonlySet<StateEvent['type']> = new Set(['like', 'heart']);
/** A pause after which somebody comes back: what a page showed is known only after the visit. */
const PAUSE_MS = 30 * 60_000;
/** Liked items of the kind that a taste is described from. */
const LEAST_HISTORY = 5;

/** The likes of one person from a time on, oldest first, of items the person had not met and did not make. */
export function heldOutOf(
  { user, id, deeds }: Deeds,
  kind: ItemKind,
  from: number,
  columns: ItemColumns,
): HeldOut[] {
  const found: HeldOut[] = [];
  const state: UserState = { ...emptyState(id), user };
  const mayAsk = (item: ItemRef) =>
    columns.kind[item] === KIND_CODE[kind] &&
    servable(columns.level[item]!, LEVEL.PG) &&
    columns.creator[item] !== user &&
    !state.seen.has(item);
  for (const visit of visitsOf(deeds)) {
    const likes = visit.filter(({ item, type, at }) => at >= from && LIKES.has(type) && mayAsk(item));
    const hasHistory =
      state.recent.filter(({ item, strength }) => strength >= 1 && columns.kind[item] === KIND_CODE[kind])
        .length >= LEAST_HISTORY;
    if (hasHistory && likes.length > 0) {
      const before = copyState(state);
      for (const { item } of likes) found.push({ state: before, gold: item, at: visit[0]!.at });
    }
    for (const deed of visit) {
      applyEvent(state, deed);
      state.seq++;
    }
  }
  return found;
}

export function visitsOf(deeds: StateEvent[]): StateEvent[][] {
  const visits: StateEvent[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const deed of deeds.toSorted((a, b) => a.at - b.at)) {
    if (deed.at - last > PAUSE_MS) visits.push([]);
    visits.at(-1)!.push(deed);
    last = deed.at;
  }
  return visits;
}
