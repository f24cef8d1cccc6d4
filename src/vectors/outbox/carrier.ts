import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ItemKind } from '../../catalog/types.ts';
import type { Database } from '../../db/index.ts';
import { unavailable } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { CollectionSpec, VectorStore } from '../port.ts';
import { type Carriage, carryBatch, holdLease, letGo, newCarriage, settle } from './carry.ts';
import { catalogueVersion } from './changes.ts';
import { carriedVersion } from './lease.ts';

export type CarrierOptions = {
  /** Vector spaces of both kinds, with their lengths. */
  spaces: Record<string, number>;
  /** Those of models alone. */
  modelSpaces?: Record<string, number>;
  log: Log;
  /** Milliseconds between looks at the catalogue clock; 0 = only `drain` carries. */
  pollMs?: number;
};

export type Carrier = {
  /** Carries everything committed before the call; waits for another carrier where one holds the lease. */
  drain(): Promise<void>;
  /** Whether the kind's collection is a new one that does not hold the catalogue yet. */
  filling(kind: ItemKind): boolean;
  /** Ends polling, saves the store, moves the cursor, gives the lease back. */
  stop(): Promise<void>;
};

const KINDS: ItemKind[] = ['image', 'model'];
/** Another process may have switched an alias; look this often. */
const REOPEN_MS = 2_000;
/** Saving the embedded store costs time in proportion to its size: at most a twentieth of it. */
const SETTLE_MS = 5_000;
const SETTLE_FACTOR = 20;
const DRAIN_MS = 120_000;

/**
 * Keeps the vector index true to the catalogue: `items.version` is the outbox, this is who reads it. Opens
 * both kinds' collections before it returns. A crash anywhere repeats a batch and loses nothing: the
 * cursor moves only after the store has made the batch durable, and only under the lease's fence.
 */
export async function carryChanges(
  db: Database,
  store: VectorStore,
  { spaces, modelSpaces = {}, log, pollMs = 250 }: CarrierOptions,
): Promise<Carrier> {
  const owner = randomUUID();
  const specs = KINDS.map(
    (kind): CollectionSpec => ({ kind, spaces: kind === 'model' ? { ...spaces, ...modelSpaces } : spaces }),
  );
  const carriages = new Map<ItemKind, Carriage>();
  const stopping = new AbortController();
  let openedAt = 0;
  let settledAt = Date.now();
  let settleMs = 0;

  async function openAll(): Promise<void> {
    for (const spec of specs) {
      const collection = await store.open(spec);
      if (carriages.get(spec.kind)?.collection === collection) continue;
      const isNew = !store.readOnly && (await carriedVersion(db, collection)) === 0;
      carriages.set(spec.kind, newCarriage(collection, isNew ? await catalogueVersion(db) : 0));
    }
    openedAt = Date.now();
  }

  /** Carries until nothing is left or somebody else holds the lease. */
  async function carryAll(): Promise<void> {
    if (store.readOnly) return;
    if (Date.now() - openedAt > REOPEN_MS) await openAll();
    const clock = await catalogueVersion(db);
    for (const spec of specs) {
      const carriage = carriages.get(spec.kind)!;
      if (carriage.complete >= clock && carriage.lease) continue;
      let carried = -1;
      while (carried !== 0 && !stopping.signal.aborted) {
        if (!(await holdLease(db, carriage, owner))) break;
        carried = await carryBatch(db, store, spec, carriage, log);
        if (store.backend === 'qdrant') await settle(db, store, carriage);
      }
      if (carried === 0) carriage.complete = Math.max(carriage.complete, clock);
      if (carriage.fillTo > 0 && !(await isBehind(carriage, carriage.fillTo))) carriage.fillTo = 0;
    }
    if (Date.now() - settledAt > Math.max(SETTLE_MS, SETTLE_FACTOR * settleMs)) await settleAll();
  }

  async function settleAll(): Promise<void> {
    const began = Date.now();
    for (const carriage of carriages.values()) await settle(db, store, carriage);
    settledAt = Date.now();
    settleMs = settledAt - began;
  }

  /** `drain` and the poll take turns. */
  let turn: Promise<void> = Promise.resolve();
  const inTurn = () => {
    const result = turn.then(carryAll);
    turn = result.catch(() => {});
    return result;
  };

  async function poll(): Promise<void> {
    let pause = pollMs;
    while (!stopping.signal.aborted) {
      try {
        await inTurn();
        pause = pollMs;
      } catch (error) {
        pause = Math.min(10_000, pause * 2);
        log.warn({ err: error, retryInMs: pause }, 'catalogue changes wait for the vector index');
      }
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  async function drain(): Promise<void> {
    const target = await catalogueVersion(db);
    const deadline = Date.now() + DRAIN_MS;
    while (!stopping.signal.aborted) {
      // A reindex may have switched the alias a moment ago: what counts is the collection that serves now.
      openedAt = 0;
      await inTurn();
      const behind = await Promise.all([...carriages.values()].map((carriage) => isBehind(carriage, target)));
      if (store.readOnly || !behind.includes(true)) return;
      if (Date.now() > deadline)
        throw unavailable('vectors-unavailable', 'The vector index has not caught up with the catalogue.');
      await sleep(50);
    }
  }

  const isBehind = async (carriage: Carriage, target: number) =>
    carriage.complete < target &&
    (carriage.lease !== undefined || (await carriedVersion(db, carriage.collection)) < target);

  await openAll().catch((error) => {
    if (pollMs === 0) throw error;
    log.warn({ err: error }, 'vector index does not answer; lists are degraded until it does');
  });
  const polling = pollMs > 0 ? poll() : undefined;
  return {
    drain,
    filling: (kind) => (carriages.get(kind)?.fillTo ?? 0) > 0,
    stop: async () => {
      stopping.abort();
      await polling;
      await turn;
      try {
        await settleAll();
        for (const carriage of carriages.values()) await letGo(db, carriage);
      } catch (error) {
        log.warn({ err: error }, 'vector index not settled at the end; the next carrier repeats a part');
      }
    },
  };
}
