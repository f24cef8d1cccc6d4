import { LRUCache } from 'lru-cache';
import type { Database } from '../db/index.ts';
import { readRows } from './sql.ts';
import { ITEM_STATUS, type ItemCard, type ItemRef, KIND_NAME } from './types.ts';

const CAPACITY = 50_000;

export type Cards = {
  /** Cards of live items, from memory where it has them and by one query for the rest. */
  get(refs: Iterable<ItemRef>): Promise<Map<ItemRef, ItemCard>>;
  now(ref: ItemRef): ItemCard | undefined;
  drop(ref: ItemRef): void;
};

export function createCards(db: Database): Cards {
  const cache = new LRUCache<ItemRef, ItemCard>({ max: CAPACITY });
  /** For each read under way, the refs dropped since it began: what it found of those may be old. */
  const reading = new Set<Set<ItemRef>>();

  return {
    now: (ref) => cache.get(ref),
    drop(ref) {
      cache.delete(ref);
      for (const dropped of reading) dropped.add(ref);
    },
    async get(refs) {
      const found = new Map<ItemRef, ItemCard>();
      const missing: ItemRef[] = [];
      for (const ref of refs) {
        const card = cache.get(ref);
        if (card === undefined) missing.push(ref);
        else found.set(ref, card);
      }
      if (missing.length === 0) return found;
      const dropped = new Set<ItemRef>();
      reading.add(dropped);
      try {
        for (const card of await readCards(db, missing)) {
          found.set(card.ref, card);
          if (!dropped.has(card.ref)) cache.set(card.ref, card);
        }
      } finally {
        reading.delete(dropped);
      }
      return found;
    },
  };
}

type CardRow = [ItemRef, number, string, string, string, string[], string | null];

async function readCards(db: Database, refs: ItemRef[]): Promise<ItemCard[]> {
  const rows = await readRows<CardRow>(
    db,
    `select i.ref, i.kind, i.id, i.title, i.url, i.tags, u.id
     from items i left join users u on u.ref = i.creator_ref
     where i.ref = any($1::int[]) and i.status = ${ITEM_STATUS.live}`,
    [refs],
  );
  return rows.map(([ref, kind, id, title, url, tags, creatorId]) => ({
    ref,
    kind: KIND_NAME[kind]!,
    id,
    title,
    url,
    tags,
    creatorId,
  }));
}
