import type { ItemRef } from '../catalog/types.ts';
import { EVENT_STRENGTH, type StateEvent, type UserState } from './types.ts';

/** Length of the history that taste is read from: views make room for choices. */
export const RECENT_LIMIT = 200;
/** Events at least this strong take an earlier dislike back; a view or a click does not. */
export const APPROVAL = 1;

export const emptyState = (id: string): UserState => ({
  user: 0,
  id,
  seq: 0,
  recent: [],
  seen: new Set(),
  disliked: [],
  hidden: new Set(),
  hiddenCreators: new Set(),
  hiddenTags: new Set(),
  preferences: {},
  attributes: {},
});

/** A state that may be changed while lists are still being made from the first. */
export const copyState = (state: UserState): UserState => ({
  ...state,
  recent: state.recent.slice(),
  seen: new Set(state.seen),
  disliked: state.disliked.slice(),
  hidden: new Set(state.hidden),
});

/**
 * The one reducer: changes `state` by one event. Events arrive in the order of `users.seq`; that order
 * decides between a like and a dislike, while `recent` is kept in the order of `at`, so that what a
 * client delivers late takes its place in time.
 */
export function applyEvent(state: UserState, event: StateEvent): void {
  const { item, type } = event;
  const strength = EVENT_STRENGTH[type];
  const met = state.seen.has(item);
  (state.seen as Set<ItemRef>).add(item);
  if (strength < 0) {
    takeOut(state, item);
    if (!state.disliked.includes(item)) state.disliked.push(item);
    if (type === 'hide') (state.hidden as Set<ItemRef>).add(item);
    return;
  }
  if (state.hidden.has(item)) return;
  const disliked = state.disliked.indexOf(item);
  if (disliked >= 0) {
    if (strength < APPROVAL) return;
    state.disliked.splice(disliked, 1);
  }
  remember(state, item, strength, event.at, met);
}

/**
 * One entry an item: its strongest event and its last time. Searched from the newest, where most hits are.
 * @param met whether it can have one: most items come once
 */
function remember(state: UserState, item: ItemRef, strength: number, at: number, met: boolean): void {
  const known = met ? takeOut(state, item) : undefined;
  const entry = {
    item,
    strength: Math.max(strength, known?.strength ?? 0),
    at: Math.max(at, known?.at ?? at),
  };
  const { recent } = state;
  let place = recent.length;
  while (place > 0 && recent[place - 1]!.at > entry.at) place--;
  if (place === recent.length) recent.push(entry);
  else recent.splice(place, 0, entry);
  if (recent.length > RECENT_LIMIT) recent.splice(leastTelling(recent), 1);
}

/** The oldest of what was merely shown; the oldest of all where everything was chosen. */
const leastTelling = (recent: UserState['recent']): number =>
  Math.max(
    0,
    recent.findIndex(({ strength }) => strength < EVENT_STRENGTH.click),
  );

function takeOut(state: UserState, item: ItemRef) {
  if (!state.recent.length) return undefined;
  const place = state.recent.findLastIndex((entry) => entry.item === item);
  return place < 0 ? undefined : state.recent.splice(place, 1)[0];
}
