import type { Catalog } from '../catalog/index.ts';
import type { ItemKind } from '../catalog/types.ts';
import type { Database } from '../db/index.ts';
import type { Log } from '../log.ts';
import type { InteractionLog } from '../models/item-graph/types.ts';
import { type Deeds, readDeeds } from './deeds.ts';
import { eraseUser } from './erasure.ts';
import { openFreshness } from './freshness.ts';
import { type Deed, listUsers, readHistory } from './history.ts';
import { openIngest } from './ingest.ts';
import { readInteractionLog } from './interaction-log.ts';
import { openStates } from './states.ts';
import type {
  ErasureReceipt,
  EventResult,
  Freshness,
  ImportedEvent,
  IngestCounts,
  Preferences,
  UserRecord,
  UserState,
} from './types.ts';
import { countUsersAndEvents, getUser, putUser } from './users.ts';

export type { Deeds } from './deeds.ts';
export { APPROVAL, applyEvent, copyState, emptyState } from './reducer.ts';

/** The interaction log, and people and their states as derived from it. */
export type Events = {
  /** Each event is judged by itself; an answer means that the accepted ones are on disk. */
  ingest(events: unknown[]): Promise<EventResult[]>;
  ingestImported(events: ImportedEvent[]): Promise<IngestCounts>;
  /** What a list asked for now must at least have seen. */
  freshness(userId: string): Promise<Freshness>;
  /** At least as new as `fresh`; never changed afterwards. */
  state(userId: string, fresh: Freshness): Promise<UserState>;
  /** What a person did, the latest first. */
  history(userId: string, page: { before?: number; limit: number; maxLevel: number }): Promise<Deed[]>;
  /** In the order of their ids. */
  listUsers(from: string, limit: number): Promise<{ id: string; changes: number }[]>;
  getUser(id: string): Promise<UserRecord | null>;
  putUser(
    id: string,
    given: { attributes?: unknown; preferences?: unknown },
  ): Promise<{ status: 'created' | 'updated' }>;
  putPreferences(id: string, preferences: unknown): Promise<Preferences>;
  eraseUser(id: string): Promise<ErasureReceipt>;
  /** As it stood at a time, where one is given. */
  interactionLog(kind: ItemKind, before?: Date): Promise<InteractionLog>;
  /** Everything everybody did: for evaluations, a log that fits into memory. */
  deeds(): Promise<Deeds[]>;
  counts(): Promise<{ users: number; events: number }>;
  /** Events that were taken in are written first. */
  close(): Promise<void>;
};

/** `stateCacheUsers`: people whose state is kept in memory, ~7 kB each. */
export async function openEvents(
  db: Database,
  catalog: Pick<Catalog, 'columns' | 'ensureRefs'>,
  options: { log: Log; stateCacheUsers?: number },
): Promise<Events> {
  const ingest = openIngest(db, catalog, options.log);
  const states = openStates(db, options.log, options.stateCacheUsers ?? 10_000);
  return {
    ingest: ingest.ingest,
    ingestImported: ingest.ingestImported,
    freshness: openFreshness(db),
    state: states.stateOf,
    history: (id, page) => readHistory(db, id, page),
    listUsers: (from, limit) => listUsers(db, from, limit),
    getUser: (id) => getUser(db, id),
    putUser: (id, given) => putUser(db, id, given),
    putPreferences: async (id, preferences) => {
      await putUser(db, id, { preferences });
      return preferences as Preferences;
    },
    eraseUser: async (id) => {
      const receipt = await eraseUser(db, id);
      states.forget(id);
      return receipt;
    },
    interactionLog: (kind, before) => readInteractionLog(db, kind, before),
    deeds: () => readDeeds(db),
    counts: () => countUsersAndEvents(db),
    close: async () => {
      await ingest.close();
      await states.close();
    },
  };
}
