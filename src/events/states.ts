import { LRUCache } from 'lru-cache';
import { type Database, translateDatabaseError } from '../db/index.ts';
import type { Log } from '../log.ts';
import { type Checkpoint, openCheckpoints, REDUCER, restoreCheckpoint } from './checkpoints.ts';
import { plainAttributes } from './preferences.ts';
import { applyEvent, copyState, emptyState } from './reducer.ts';
import { EVENT_CODE, type EventType, type Freshness, type Preferences, type UserState } from './types.ts';

const TYPE_NAME = Object.fromEntries(
  Object.entries(EVENT_CODE).map(([name, code]) => [code, name as EventType]),
);
/** Entries (of `recent` and `seen`) an average user is taken to have: bounds memory, at ~50 bytes each. */
const ENTRIES_A_USER = 150;

/**
 * One statement, one snapshot: the user's number of changes, and every event up to it that the state at
 * hand ($2: its seq) does not contain; a checkpoint when that is newer than the state at hand.
 */
const QUERY = `
  select u.seq, u.preferences, u.attributes, c.state as checkpoint, c.seq as checkpoint_seq, e.items, e.types, e.times,
    case when u.preferences ? 'hiddenCreators' then (
      select array_agg(h.ref) from users h
      where h.id in (select jsonb_array_elements_text(u.preferences -> 'hiddenCreators'))) end as hidden_creators
  from users u
  left join user_states c on c.user_ref = u.ref and c.seq > $2 and c.state ->> 'reducer' = $3
  left join lateral (
    select array_agg(item_ref order by seq) as items, array_agg(type order by seq) as types,
           array_agg((extract(epoch from occurred_at) * 1000)::float8 order by seq) as times
    from events where user_ref = u.ref and seq > greatest($2, coalesce(c.seq, 0))
  ) e on true
  where u.ref = $1`;
type Row = {
  seq: number;
  preferences: Preferences;
  attributes: Record<string, unknown>;
  checkpoint: Checkpoint | null;
  checkpoint_seq: number | null;
  items: number[] | null;
  types: number[] | null;
  times: number[] | null;
  hidden_creators: number[] | null;
};
type Cached = { state: UserState; checkpointed: number };

/** States of users, derived from the log and kept in memory until the log is ahead of them. */
export function openStates(db: Database, log: Log, users: number) {
  const cache = new LRUCache<string, Cached>({
    max: users,
    maxSize: users * ENTRIES_A_USER,
    sizeCalculation: ({ state }) => 1 + state.recent.length + state.seen.size,
    // One person with a very long history is still worth remembering.
    maxEntrySize: users * ENTRIES_A_USER,
  });
  const loading = new Map<string, Promise<UserState | null>>();
  const checkpoints = openCheckpoints(db, log);

  /** @throws HamletError `database-unavailable` (503) */
  async function stateOf(userId: string, fresh: Freshness): Promise<UserState> {
    if (fresh.user === 0) {
      cache.delete(userId);
      return emptyState(userId);
    }
    for (;;) {
      const cached = cache.get(userId);
      if (cached?.state.user === fresh.user && cached.state.seq >= fresh.seq) return cached.state;
      // A load that began earlier may miss what `fresh` knows of: then the next round loads again.
      const begun = loading.get(userId);
      const state = await (begun ?? load(userId, fresh.user, cached));
      if (begun === undefined && state === null) return emptyState(userId);
      if (state?.user === fresh.user && state.seq >= fresh.seq) return state;
    }
  }

  function load(userId: string, user: number, cached: Cached | undefined): Promise<UserState | null> {
    const base = cached?.state.user === user ? cached : undefined;
    const work = refresh(db, userId, user, base)
      .then((next) => {
        if (next === null) {
          cache.delete(userId);
          return null;
        }
        next.checkpointed = checkpoints.offer(next.state, next.checkpointed);
        cache.set(userId, next);
        return next.state;
      })
      .finally(() => loading.delete(userId));
    loading.set(userId, work);
    return work;
  }

  return { stateOf, forget: (userId: string) => cache.delete(userId), close: checkpoints.close };
}

/** Replays what `base` does not contain; null when the user is gone. */
async function refresh(
  db: Database,
  userId: string,
  user: number,
  base: Cached | undefined,
): Promise<Cached | null> {
  const values = [user, base?.state.seq ?? 0, REDUCER];
  const { rows } = await db.pool
    .query<Row>({ name: 'user-state', text: QUERY, values })
    .catch((error: unknown) => Promise.reject(translateDatabaseError(error)));
  const row = rows[0];
  if (row === undefined) return null;
  const state =
    row.checkpoint === null
      ? copyState(base?.state ?? emptyState(userId))
      : restoreCheckpoint(userId, row.checkpoint);
  row.items?.forEach((item, index) => {
    applyEvent(state, { item, type: TYPE_NAME[row.types![index]!]!, at: row.times![index]! });
  });
  const checkpointed = Number(row.checkpoint_seq ?? base?.checkpointed ?? 0);
  return { state: { ...state, user, seq: Number(row.seq), ...wishesOf(row) }, checkpointed };
}

const wishesOf = ({ preferences, attributes, hidden_creators }: Row) => ({
  preferences,
  attributes: plainAttributes(attributes),
  hiddenCreators: new Set(hidden_creators ?? []),
  hiddenTags: new Set(preferences.hiddenTags ?? []),
});
