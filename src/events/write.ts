import type { Catalog } from '../catalog/index.ts';
import type { ItemRef } from '../catalog/types.ts';
import { type Database, inTransaction, translateDatabaseError } from '../db/index.ts';
import type { CheckedEvent } from './check.ts';

export type Written = 'accepted' | 'duplicate' | 'conflict';

const ATTEMPTS = 5;
const RETRIED = new Set(['40001', '40P01']);
const INGEST =
  'select place, stored_digest from ingest_events($1::text[], $2::text[], $3::text[], $4::int[], $5::smallint[], $6::smallint[], $7::float8[], $8::uuid[], $9::boolean[])';

/**
 * Writes a batch durably, in one statement that is its own transaction: when this returns, the events
 * are on disk. The verdicts are in the order of `events`.
 * @throws HamletError `database-unavailable` (503); then nothing of the batch is known to be written and
 * sending it again is safe.
 */
export async function writeEvents(
  db: Database,
  catalog: Pick<Catalog, 'columns' | 'ensureRefs'>,
  events: CheckedEvent[],
): Promise<Written[]> {
  const first = new Map<string, CheckedEvent>();
  for (const event of events) if (!first.has(event.eventId)) first.set(event.eventId, event);
  const batch = [...first.values()];
  const refs = await itemRefs(db, catalog, batch);
  const stored = await storedBefore(db, batch, refs);
  const seen = new Set<string>();
  return events.map((event) => {
    const again = seen.has(event.eventId);
    seen.add(event.eventId);
    const before = stored.get(event.eventId) ?? (again ? first.get(event.eventId)!.digest : undefined);
    if (before === undefined) return 'accepted';
    return before === event.digest ? 'duplicate' : 'conflict';
  });
}

/** Refs of the items; those nobody has stored yet become placeholders, in a transaction of their own. */
async function itemRefs(
  db: Database,
  catalog: Pick<Catalog, 'columns' | 'ensureRefs'>,
  batch: CheckedEvent[],
): Promise<ItemRef[]> {
  const refs = batch.map((event) => catalog.columns.refOf(event.itemKind, event.itemId) ?? 0);
  if (!refs.includes(0)) return refs;
  const unknown = batch
    .filter((_, index) => refs[index] === 0)
    .map((event) => ({ kind: event.itemKind, id: event.itemId }));
  const made = await inTransaction(db, (client) => catalog.ensureRefs(client, unknown));
  return refs.map((ref, index) => ref || made.get(`${batch[index]!.itemKind}:${batch[index]!.itemId}`)!);
}

/** Digests of the events that were there before, by event id; all the others are accepted now. */
async function storedBefore(
  db: Database,
  batch: CheckedEvent[],
  refs: ItemRef[],
): Promise<Map<string, string>> {
  const values = [
    batch.map((event) => event.eventId),
    batch.map((event) => event.digest),
    batch.map((event) => event.userId),
    refs,
    batch.map((event) => event.type),
    batch.map((event) => event.position),
    batch.map((event) => event.at),
    batch.map((event) => event.recommendationId),
    batch.map((event) => event.synthetic),
  ];
  for (let attempt = 1; ; attempt++) {
    try {
      const { rows } = await db.pool.query<{ place: number; stored_digest: string }>({
        name: 'ingest-events',
        text: INGEST,
        values,
      });
      return new Map(rows.map((row) => [batch[Number(row.place) - 1]!.eventId, row.stored_digest]));
    } catch (error) {
      const code = (error as { code?: string }).code ?? '';
      if (!RETRIED.has(code) || attempt === ATTEMPTS) throw translateDatabaseError(error);
    }
  }
}
