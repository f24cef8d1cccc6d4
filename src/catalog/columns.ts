import type { ItemRef, UserRef } from './types.ts';

/**
 * The catalogue as the pipeline sees it: one typed array a column, indexed by ItemRef, in every api
 * process. ~30 bytes an item plus its id. Loaded from Postgres at start and caught up by
 * `items.version` before each answer (catalog/catch-up.ts), so a delete on one replica holds on all.
 */
export type ItemColumns = {
  /** Highest ref + 1: arrays are valid for indices below it. */
  readonly size: number;
  /** Catalogue clock this view has caught up with. */
  readonly version: number;
  /** KIND_CODE; 0 where no item has this ref. */
  readonly kind: Uint8Array;
  /** Effective browsing level (src/safety): 0 held back, 1…16, 32 blocked or not live. */
  readonly level: Uint8Array;
  /** ITEM_FLAG bits. */
  readonly flags: Uint8Array;
  readonly creator: Int32Array;
  /** Unix seconds; 0 = unknown. */
  readonly created: Float64Array;
  /** Perceptual hash halves; both 0 = none. */
  readonly phashHigh: Uint32Array;
  readonly phashLow: Uint32Array;
  /** External id of an item. */
  idOf(item: ItemRef): string;
  refOf(kind: 'image' | 'model', id: string): ItemRef | undefined;
  tagsOf(item: ItemRef): readonly string[];
  userRefOf?(id: string): UserRef | undefined;
};
