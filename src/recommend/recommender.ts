import type { ItemKind } from '../catalog/types.ts';
import type { Degraded, Page, PageItem, RerankMode } from './types.ts';

export type RecommendQuery = {
  userId: string;
  kind: ItemKind;
  limit: number;
  surface: string;
  maxLevel: number;
  /** External ids of the kind asked for. */
  exclude: string[];
  tags: string[];
  /** `auto` when it is not said. */
  rerank?: RerankMode;
  /** How the list came about: its stages alone, or also each item's features and what was kept out. */
  trace?: 'stages' | 'whole';
};
export type ItemList = { items: PageItem[]; degraded: Degraded[] };

/** All methods: HamletError `database-unavailable` (503) while the database is away. */
export type Recommender = {
  /** A list made now, durably logged before it is answered. */
  recommend(query: RecommendQuery): Promise<Page>;
  /** A list that nobody sees and no log has: what a first list would wait for is there after it. @returns ids */
  rehearse(query: RecommendQuery): Promise<string[]>;
  /**
   * The next page of a stored list, checked again.
   * @param query.userId when given, the list must be this user's
   * @throws HamletError `cursor-invalid` (400), `cursor-expired` (410)
   */
  nextPage(query: { cursor: string; limit?: number; maxLevel: number; userId?: string }): Promise<Page>;
  /** @throws HamletError `item-unknown` (404), also for an item the caller may not see */
  similar(query: {
    kind: ItemKind;
    id: string;
    limit: number;
    maxLevel: number;
    /** External ids of the kind asked for. */
    exclude?: string[];
    tags?: string[];
    userId?: string;
  }): Promise<ItemList>;
  search(query: {
    text: string;
    kind: ItemKind;
    limit: number;
    maxLevel: number;
    exclude?: string[];
    tags: string[];
    userId?: string;
  }): Promise<ItemList>;
  /** What was being logged is logged first. */
  close(): Promise<void>;
};
