import type { Database } from '../../db/index.ts';
import type { Log } from '../../log.ts';
import type { CollectionSpec, VectorStore } from '../port.ts';
import { type Position, readChanges } from './changes.ts';
import { advanceCursor, LEASE_MS, type Lease, releaseLease, takeLease } from './lease.ts';

const BATCH = 500;
/** Largest value of Postgres' int: after every item of a version. */
const LAST_REF = 2 ** 31 - 1;

/** One carrier's work on one collection: where it stands and what it may still do. */
export type Carriage = {
  collection: string;
  lease: Lease | undefined;
  position: Position;
  /** All changes up to this catalogue version are in the store, though perhaps not yet durably. */
  complete: number;
  /** The cursor in Postgres. */
  durable: number;
  /** A new collection is worth searching once it holds the catalogue up to here; 0 when it does. */
  fillTo: number;
};

export const newCarriage = (collection: string, fillTo = 0): Carriage => ({
  collection,
  fillTo,
  lease: undefined,
  position: { version: 0, ref: 0 },
  complete: 0,
  durable: 0,
});

/**
 * Makes sure the lease is held for the next batch. After a lease was another's, begins again at the
 * cursor: everything after it may be repeated, since the version gate makes repeats harmless.
 * @returns false while another carrier holds it
 */
export async function holdLease(db: Database, carriage: Carriage, owner: string): Promise<boolean> {
  const { lease } = carriage;
  if (lease && lease.until - Date.now() > LEASE_MS / 2) return true;
  const taken = await takeLease(db, carriage.collection, owner);
  if (!taken) {
    carriage.lease = undefined;
    return false;
  }
  if (taken.lease.fence !== lease?.fence) {
    carriage.position = { version: taken.cursor, ref: LAST_REF };
    carriage.complete = carriage.durable = taken.cursor;
  }
  carriage.lease = taken.lease;
  return true;
}

/** Carries one batch. @returns how many items it held; 0 when all is carried */
export async function carryBatch(
  db: Database,
  store: VectorStore,
  spec: CollectionSpec,
  carriage: Carriage,
  log: Log,
): Promise<number> {
  const changes = await readChanges(db, spec, carriage.position, BATCH, log);
  if (!changes) {
    carriage.complete = Math.max(carriage.complete, carriage.position.version);
    return 0;
  }
  await store.remove(spec.kind, changes.removals, carriage.collection);
  await store.upsert(spec.kind, changes.upserts, carriage.collection);
  carriage.position = changes.last;
  carriage.complete = Math.max(carriage.complete, changes.complete);
  return changes.upserts.length + changes.removals.length;
}

/** Makes durable what was carried, then moves the cursor, if the lease is still ours. */
export async function settle(db: Database, store: VectorStore, carriage: Carriage): Promise<void> {
  const { lease, complete } = carriage;
  if (!lease || complete === carriage.durable) return;
  await store.flush(carriage.collection);
  if (await advanceCursor(db, lease, complete)) carriage.durable = complete;
  else carriage.lease = undefined;
}

export async function letGo(db: Database, carriage: Carriage): Promise<void> {
  if (carriage.lease) await releaseLease(db, carriage.lease);
  carriage.lease = undefined;
}
