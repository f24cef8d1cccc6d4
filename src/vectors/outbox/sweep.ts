import { ITEM_STATUS, type ItemKind, type ItemRef, KIND_CODE, LEVEL } from '../../catalog/types.ts';
import { type Database, inTransaction, query } from '../../db/index.ts';
import { HamletError } from '../../errors.ts';
import type { VectorStore } from '../port.ts';
import { carriedVersion } from './lease.ts';

/** Points counted by what is wrong with them, and how many were set right. */
export type SweepReport = { missing: number; stale: number; orphaned: number; repaired: number };

type Item = { ref: ItemRef; version: number; indexed: boolean };
type Stored = { id: ItemRef; version: number };

const PAGE = 5_000;

/**
 * Compares the index with Postgres, both in the order of their numbers. Changes after the carrier's cursor
 * are not drift. An item that drifted gets a new version in Postgres, so that the carrier brings it
 * through the version gate like any other change; a point without an item is removed outright.
 */
export async function sweep(db: Database, store: VectorStore, kind: ItemKind): Promise<SweepReport> {
  const spec = store.spec(kind);
  if (!spec) throw new HamletError('collection-unknown', 409, `No collection of kind ${kind} is open.`);
  if (store.readOnly)
    throw new HamletError('vectors-in-use', 409, 'The embedded index belongs to a running server: ask it.');
  const cursor = await carriedVersion(db, await store.open(spec));
  const report: SweepReport = { missing: 0, stale: 0, orphaned: 0, repaired: 0 };
  const items = await itemPages(db, kind, Object.keys(spec.spaces));
  const stored = pages<Stored>(
    (after) => store.scroll(kind, after, PAGE),
    ({ id }) => id,
  );
  let point = await next(stored);
  let drifted: ItemRef[] = [];
  const unknown: Stored[] = [];

  const repair = async () => {
    report.repaired += await renewVersions(db, drifted);
    drifted = [];
  };
  for await (const item of items) {
    for (; point && point.id < item.ref; point = await next(stored)) unknown.push(point);
    const found = point?.id === item.ref ? point : undefined;
    if (found) point = await next(stored);
    if (item.version > cursor) continue;
    if (item.indexed && !found) report.missing++;
    else if (item.indexed && found && found.version < item.version) report.stale++;
    else if (!item.indexed && found) report.orphaned++;
    else continue;
    if (drifted.push(item.ref) === PAGE) await repair();
  }
  for (; point; point = await next(stored)) unknown.push(point);
  await repair();
  await store.remove(
    kind,
    unknown.map(({ id, version }) => ({ id, version: version + 1 })),
  );
  report.orphaned += unknown.length;
  report.repaired += unknown.length;
  return report;
}

/** Every item of the kind that the index knows or should know. */
async function itemPages(db: Database, kind: ItemKind, spaces: string[]): Promise<AsyncGenerator<Item>> {
  const text = `select ref, version::float8 as version,
      status = ${ITEM_STATUS.live} and effective_level between ${LEVEL.PG} and ${LEVEL.XXX} and exists (
        select 1 from item_vectors v where v.item_ref = ref and v.space = any($3)) as indexed
    from items where kind = $1 and ref > $2 order by ref limit ${PAGE}`;
  return pages(
    (after) => query<Item>(db, text, [KIND_CODE[kind], after, spaces]),
    ({ ref }) => ref,
  );
}

/** The catalogue clock's row is locked until the end, as by every writer of items. */
async function renewVersions(db: Database, refs: ItemRef[]): Promise<number> {
  if (refs.length === 0) return 0;
  return inTransaction(db, async (client) => {
    const { rows } = await client.query<{ value: string }>(
      "update clocks set value = value + 1 where name = 'catalogue' returning value",
    );
    const renewed = await client.query('update items set version = $1 where ref = any($2)', [
      rows[0]!.value,
      refs,
    ]);
    return renewed.rowCount ?? 0;
  });
}

async function* pages<T>(
  read: (after: number) => Promise<T[]>,
  key: (value: T) => number,
): AsyncGenerator<T> {
  for (let after = 0; ; ) {
    const page = await read(after);
    yield* page;
    if (page.length === 0) return;
    after = key(page.at(-1)!);
  }
}

async function next<T>(values: AsyncGenerator<T>): Promise<T | undefined> {
  const { value, done } = await values.next();
  return done ? undefined : (value as T);
}
