import { randomUUID } from 'node:crypto';
import type { ItemKind } from '../../catalog/types.ts';
import type { Database } from '../../db/index.ts';
import { HamletError } from '../../errors.ts';
import { type Log, silentLog } from '../../log.ts';
import type { VectorStore } from '../port.ts';
import { carryBatch, holdLease, letGo, newCarriage, settle } from './carry.ts';
import { itemCount } from './changes.ts';
import { forgetCursor } from './lease.ts';

export type ReindexReport = { kind: ItemKind; collection: string; items: number; seconds: number };

/**
 * Fills a new collection from Postgres and switches the alias to it; searches are served by the old one
 * until then. What changes meanwhile is carried before the switch or, by the new collection's own
 * cursor, right after it.
 * @param progress gets the share done, in [0, 1]
 */
export async function reindex(
  db: Database,
  store: VectorStore,
  kind: ItemKind,
  progress: (fraction: number) => void = () => {},
  log: Log = silentLog,
): Promise<ReindexReport> {
  const began = performance.now();
  const spec = store.spec(kind);
  if (!spec) throw new HamletError('collection-unknown', 409, `No collection of kind ${kind} is open.`);
  const expected = await itemCount(db, kind);
  const before = await store.open(spec);
  const collection = await store.create(spec);
  const carriage = newCarriage(collection);
  const owner = randomUUID();
  let items = 0;
  for (;;) {
    if (!(await holdLease(db, carriage, owner)))
      throw new HamletError('lease-lost', 409, 'Another process took over the new collection.');
    const carried = await carryBatch(db, store, spec, carriage, log);
    if (carried === 0) break;
    items += carried;
    progress(Math.min(1, items / Math.max(1, expected)));
  }
  await settle(db, store, carriage);
  await letGo(db, carriage);
  await store.activate(kind, collection);
  await forgetCursor(db, before);
  progress(1);
  return { kind, collection, items, seconds: Math.round(performance.now() - began) / 1000 };
}
