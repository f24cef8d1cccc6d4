import type { ItemRef } from '../catalog/types.ts';
import type { Database } from '../db/index.ts';
import type { Log } from '../log.ts';
import { emptyState } from './reducer.ts';
import type { UserState } from './types.ts';

/** Changes after which a new checkpoint is worth its write. */
const EVERY = 100;
/** Checkpoints are gathered for so long, so that many share a statement and a flush to disk: a third of what one alone costs. */
const GATHERED_MS = 1000;
/** Checkpoints that wait to be written; beyond it the offer is let go, for the state can be derived again. */
const WAITING_LIMIT = 2000;
const BATCH = 50;

/** What user_states.state holds. `reducer` names the rules it was derived by. */
export type Checkpoint = {
  reducer: string;
  recent: [item: ItemRef, strength: number, at: number][];
  seen: ItemRef[];
  disliked: ItemRef[];
  hidden: ItemRef[];
};

/** The version of reducer.ts's rules: a change there that gives another state for the same events raises it. */
export const REDUCER = '2';

export function restoreCheckpoint(userId: string, checkpoint: Checkpoint): UserState {
  return {
    ...emptyState(userId),
    recent: checkpoint.recent.map(([item, strength, at]) => ({ item, strength, at })),
    seen: new Set(checkpoint.seen),
    disliked: checkpoint.disliked,
    hidden: new Set(checkpoint.hidden),
  };
}

export const checkpointOf = (state: UserState): Checkpoint => ({
  reducer: REDUCER,
  recent: state.recent.map(({ item, strength, at }) => [item, strength, at]),
  seen: [...state.seen],
  disliked: state.disliked,
  hidden: [...state.hidden],
});

// The lock on the user's row makes an erasure that is under way win: what it deletes is not written again.
const WRITE = `
  insert into user_states (user_ref, seq, state)
  select u.ref, s.seq, s.state from unnest($1::int[], $2::bigint[], $3::jsonb[]) as s (ref, seq, state)
  join users u on u.ref = s.ref
  order by u.ref for key share of u
  on conflict (user_ref) do update set seq = excluded.seq, state = excluded.state, updated_at = now()
  where user_states.seq < excluded.seq`;

/** Writes checkpoints behind the requests' backs: none waits for one, and losing one loses nothing. */
export function openCheckpoints(db: Database, log: Log) {
  const waiting = new Map<number, UserState>();
  let gathering: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    while (waiting.size > 0) {
      const batch = [...waiting.values()].slice(0, BATCH);
      for (const state of batch) waiting.delete(state.user);
      const states = batch.map((state) => JSON.stringify(checkpointOf(state)));
      const values = [batch.map((state) => state.user), batch.map((state) => state.seq), states];
      await db.pool
        .query({ name: 'write-checkpoints', text: WRITE, values })
        .catch((error) => log.debug({ err: error }, 'checkpoints not written'));
    }
    writing = undefined;
  }

  function gather(): void {
    gathering = undefined;
    writing ??= writeAll();
  }

  return {
    /** Takes the state when it is far enough from its last checkpoint; answers the seq of the last one now. */
    offer(state: UserState, checkpointed: number): number {
      if (state.seq - checkpointed < EVERY || waiting.size >= WAITING_LIMIT) return checkpointed;
      waiting.set(state.user, state);
      gathering ??= setTimeout(gather, GATHERED_MS).unref();
      return state.seq;
    },
    close: async () => {
      clearTimeout(gathering);
      waiting.clear();
      await writing;
    },
  };
}
