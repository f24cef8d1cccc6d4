import { LRUCache } from 'lru-cache';
import type { ItemColumns } from '../../catalog/columns.ts';
import { servable } from '../../catalog/index.ts';
import { type ItemKind, type ItemRef, KIND_CODE } from '../../catalog/types.ts';
import type { ItemGraph } from '../../models/item-graph/types.ts';
import { eligible } from '../filters/index.ts';
import { requested } from '../filters/requested.ts';
import { keepAll } from '../filters/rule.ts';
import { topRows } from '../top.ts';
import type { Context, Source, SourceHit } from '../types.ts';

/** Coldest items that a draw is made from. */
const COLD_POOL = 200;
/** A day-old item counts as cold as one with an eighth of its interactions; halves every two weeks. */
const NEWNESS = 3;
const HALF_LIFE_MS = 14 * 86_400_000;
/** The cold pool follows the catalogue at most this often: looking it up walks the whole catalogue. */
const POOL_MS = 60_000;
/** Pools in memory: tags come from callers, and there is no end of them. */
const POOLS = 500;

/**
 * Exploration: `count` items drawn uniformly, without replacement, from the K coldest that this user
 * may be shown. P(an item is drawn) = count/K is logged with it, so that what they earn can be
 * estimated without bias. Scores fall in the order of the draw, nothing else.
 */
export function newSource(options: { deadline: number; count: number; depth: number }): Source {
  const pools = new ColdPools();
  return {
    name: 'new',
    deadline: options.deadline,
    find(context) {
      const { items, elsewhere } = pools.coldest(context);
      // While the graph knows less than a list holds, the rest of the list comes from here too.
      const wanted = options.count + Math.max(0, options.depth - elsewhere);
      if (wanted === 0) return [];
      const pool = items.filter(eligible(context));
      const count = Math.min(wanted, pool.length);
      const propensity = count / pool.length;
      const hits: SourceHit[] = [];
      // Fisher–Yates, stopped after `count`.
      for (let i = 0; i < count; i++) {
        const j = i + Math.floor(context.random.next() * (pool.length - i));
        const item = pool[j]!;
        pool[j] = pool[i]!;
        hits.push({ item, score: 1 - i / count, propensity });
      }
      return hits;
    },
  };
}

/** `elsewhere`: how many items the sources that read the graph can bring. */
type ColdPool = { items: ItemRef[]; elsewhere: number };

/** The coldest items by kind, level and tags asked for. What has gone since is taken out by the rules, request by request. */
class ColdPools {
  #pools = new LRUCache<string, ColdPool & { version: number; graph: ItemGraph; madeAt: number }>({
    max: POOLS,
  });

  coldest(context: Context): ColdPool {
    const { columns, graph, request, now } = context;
    const { kind, maxLevel, tags } = request;
    const key = `${kind} ${maxLevel} ${tags.length === 0 ? '' : JSON.stringify(tags)}`;
    const known = this.#pools.get(key);
    const still = known?.version === columns.version || Math.abs(now - (known?.madeAt ?? 0)) < POOL_MS;
    if (known?.graph === graph && still) return known;
    const pool = { ...coldPool(context), version: columns.version, graph, madeAt: now };
    this.#pools.set(key, pool);
    return pool;
  }
}

function coldPool({ columns, graph, request, user, now }: Context): ColdPool {
  const { kind, maxLevel, tags } = request;
  if (tags.length === 0)
    return { items: coldestItems(columns, graph, kind, maxLevel, now), elsewhere: graph.items.length };
  // Tags of a request are looked at before the cut: after it, hardly any of the coldest would carry them.
  const carries = requested.prepare({ columns, user, request: { ...request, exclude: new Set() } });
  const items = coldestItems(columns, graph, kind, maxLevel, now, carries);
  // Of a rare tag all are wanted, also those too deep in the graph's rankings for other sources to see.
  const ranked = (item: ItemRef) => servable(columns.level[item] ?? 0, maxLevel) && carries(item);
  const elsewhere = items.length < COLD_POOL ? 0 : graph.items.filter(ranked).length;
  return { items, elsewhere };
}

/** Coldness = newness − log2(1 + distinct users), ties to the later ref, which is the later arrival. */
export function coldestItems(
  columns: ItemColumns,
  graph: ItemGraph,
  kind: ItemKind,
  maxLevel: number,
  now: number,
  carries: (item: ItemRef) => boolean = keepAll,
): ItemRef[] {
  const rows = new Int32Array(columns.size);
  const coldness = new Float64Array(columns.size);
  let count = 0;
  let column = graph.items.length - 1;
  // From the end: topRows gives ties to the smaller row, and of equals we want the newest.
  for (let item = columns.size - 1; item > 0; item--) {
    while (column >= 0 && graph.items[column]! > item) column--;
    if (columns.kind[item] !== KIND_CODE[kind] || !servable(columns.level[item]!, maxLevel)) continue;
    if (!carries(item)) continue;
    const users = column >= 0 && graph.items[column] === item ? graph.popularity[column]! : 0;
    const age = columns.created[item]! > 0 ? Math.max(0, now - columns.created[item]! * 1000) : Infinity;
    coldness[columns.size - item] = NEWNESS * 2 ** (-age / HALF_LIFE_MS) - Math.log2(1 + users);
    rows[count++] = columns.size - item;
  }
  topRows(rows, count, coldness, COLD_POOL);
  return Array.from(rows.subarray(0, Math.min(count, COLD_POOL)), (row) => columns.size - row);
}
