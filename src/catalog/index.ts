import { type Database, inTransaction } from '../db/index.ts';
import type { Log } from '../log.ts';
import { createCards } from './cards.ts';
import { catchUpWith, loadColumns } from './catch-up.ts';
import { type Fault, faultOf } from './check.ts';
import type { ItemColumns } from './columns.ts';
import { createColumns } from './columns-store.ts';
import { type Evidence, storeEvidence } from './evidence.ts';
import { putItems } from './put.ts';
import {
  type CatalogCounts,
  countHeldBack,
  countItems,
  readHeldBack,
  readItem,
  readVectors,
} from './read.ts';
import { ensureRefs, type ItemName } from './refs.ts';
import { type LevelChange, rejudge } from './rejudge.ts';
import type { Judges } from './rows.ts';
import { nextVersion, type Queryable } from './sql.ts';
import {
  type HeldBackItem,
  type ItemCard,
  type ItemInput,
  type ItemKind,
  type ItemRecord,
  type ItemRef,
  KIND_CODE,
  type PutResult,
  type SafetyPolicy,
} from './types.ts';
import { forgetOthers, type MeasuredVector, storeMeasured } from './vectors.ts';
import { markDeleted } from './write.ts';

export { levelFor, servable, UNSAFE_TEXT } from '../safety/index.ts';
export { faultOf } from './check.ts';
export type { ItemColumns } from './columns.ts';
export { createColumns } from './columns-store.ts';
export type { Evidence } from './evidence.ts';
export { judgeAgain } from './judge.ts';
export { IS_CONSENTED, IS_SAFE } from './learnable.ts';
export { type Claim, type PictureQueue, type Position, pictureQueue } from './picture-queue.ts';
export type { CatalogCounts } from './read.ts';
export { ensureUsers } from './refs.ts';
export type { LevelChange } from './rejudge.ts';
export { mayShowPictures } from './shown.ts';
export { catalogueClock, nextVersion } from './sql.ts';
export type { MeasuredVector } from './vectors.ts';

/** Items: what is stored of them, who may see them, and the columns the pipeline reads. */
export type Catalog = {
  /** One live object that catchUp mutates; its arrays are replaced when they grow, so read them anew after each await. */
  readonly columns: ItemColumns;
  /** Returns at once when the columns already hold `toVersion` of the catalogue clock. */
  catchUp(toVersion: number): Promise<void>;
  /** Cards of live items; deleted and unknown ones are absent. */
  cards(refs: Iterable<ItemRef>): Promise<Map<ItemRef, ItemCard>>;
  /** A card that is in memory already. */
  cardNow(ref: ItemRef): ItemCard | undefined;
  /** Stores items, each replacing what has its name; one transaction; one result an item, in order. */
  put(items: readonly ItemInput[], policy: SafetyPolicy): Promise<PutResult[]>;
  /** Why an item could not be put, or null. */
  faultOf(item: unknown): Fault | null;
  /** From the moment it resolves the item is served nowhere in this process; elsewhere from the next request on. */
  remove(kind: ItemKind, id: string): Promise<boolean>;
  get(kind: ItemKind, id: string): Promise<ItemRecord | null>;
  /** Numbers of items by `kind:id`, with placeholders made for unknown ones. After the locks on users. */
  ensureRefs(client: Queryable, items: readonly ItemName[]): Promise<Map<string, ItemRef>>;
  vectors(space: string, refs: ItemRef[]): Promise<Map<ItemRef, Float32Array>>;
  /** Stores vectors that were measured of pictures, but for items that show another one by now. */
  storeMeasured(space: string, source: string, vectors: readonly MeasuredVector[]): Promise<void>;
  /** Removes vectors of a space that another encoder made; answers how many. */
  forgetOthers(space: string, source: string): Promise<number>;
  /** Stores what classifiers say of pictures, but for items that show another one by now. */
  storeEvidence(judge: string, evidence: readonly Evidence[]): Promise<void>;
  /**
   * Decides anew of what other thresholds or another judge decided of; `tell` hears of each page's changes.
   * @returns how many items were looked at
   */
  rejudge(
    judge: string,
    apply: boolean,
    tell: (changes: LevelChange[], last: ItemRef) => void,
  ): Promise<number>;
  counts(): Promise<CatalogCounts>;
  /** @param after `kind:id` of the last item of the page before. */
  heldBack(limit: number, after?: string): Promise<HeldBackItem[]>;
  heldBackCounts(): Promise<Record<ItemKind, number>>;
};

/** Loads the columns, then answers. Errors: HamletError `database-unavailable`, `toxicity-unavailable` (503). */
export async function openCatalog(
  db: Database,
  parts: Judges & { contentDims: number; log: Log },
): Promise<Catalog> {
  const started = performance.now();
  const columns = createColumns();
  const cards = createCards(db);
  await loadColumns(db, columns);
  const catchUp = catchUpWith(db, columns, cards.drop);
  parts.log.info(
    { items: columns.size - 1, ms: Math.round(performance.now() - started) },
    'catalogue loaded',
  );

  return {
    columns,
    catchUp,
    cards: cards.get,
    cardNow: cards.now,
    async put(items, policy) {
      const { results, version } = await putItems(
        { db, known: columns, judges: parts, contentDims: parts.contentDims },
        items,
        policy,
      );
      await catchUp(version);
      return results;
    },
    faultOf: (item) => faultOf(item, parts.contentDims),
    async remove(kind, id) {
      const version = await inTransaction(db, async (client) => {
        const next = await nextVersion(client);
        return (await markDeleted(client, KIND_CODE[kind], id, next)) ? next : 0;
      });
      await catchUp(version);
      return version > 0;
    },
    get: (kind, id) => readItem(db, kind, id),
    ensureRefs: (client, items) => ensureRefs(client, columns, items),
    vectors: (space, refs) => readVectors(db, space, refs),
    async storeMeasured(space, source, vectors) {
      await catchUp(await storeMeasured(db, space, source, vectors));
    },
    async forgetOthers(space, source) {
      const { forgotten, version } = await forgetOthers(db, space, source);
      await catchUp(version);
      return forgotten;
    },
    async storeEvidence(judge, evidence) {
      await catchUp(await storeEvidence(db, parts.rule, judge, evidence));
    },
    async rejudge(judge, apply, tell) {
      const { items, version } = await rejudge(db, { ...parts, judge }, apply, tell);
      await catchUp(version);
      return items;
    },
    counts: () => countItems(db),
    heldBack: (limit, after) => readHeldBack(db, limit, after),
    heldBackCounts: () => countHeldBack(db),
  };
}
