import type { ItemColumns } from '../../src/catalog/columns.ts';
import { ITEM_FLAG, type ItemRef, KIND_CODE } from '../../src/catalog/types.ts';
import { emptyState } from '../../src/events/index.ts';
import type { UserState } from '../../src/events/types.ts';
import type { ItemGraph, SparseRows } from '../../src/models/item-graph/types.ts';
import { seededRandom } from '../../src/recommend/random.ts';
import type { Candidate, Context, ListRequest } from '../../src/recommend/types.ts';

export type PlantedItem = {
  kind?: 'image' | 'model';
  level?: number;
  flags?: number;
  creator?: number;
  created?: number;
  phash?: [number, number];
  tags?: string[];
};

/** Columns of items 1…n, each level 1, an image and available unless it says otherwise. */
export function plantColumns(items: PlantedItem[]): ItemColumns {
  const size = items.length + 1;
  const columns = {
    ...{ size, version: 1, kind: new Uint8Array(size), level: new Uint8Array(size) },
    ...{ flags: new Uint8Array(size), creator: new Int32Array(size), created: new Float64Array(size) },
    ...{ phashHigh: new Uint32Array(size), phashLow: new Uint32Array(size) },
    idOf: (item: ItemRef) => `item-${item}`,
    refOf: (_: unknown, id: string) => Number(id.slice(5)),
    tagsOf: (item: ItemRef) => items[item - 1]?.tags ?? [],
  };
  items.forEach((item, i) => {
    columns.kind[i + 1] = KIND_CODE[item.kind ?? 'image'];
    columns.level[i + 1] = item.level ?? 1;
    columns.flags[i + 1] = item.flags ?? ITEM_FLAG.available;
    columns.creator[i + 1] = item.creator ?? 0;
    columns.created[i + 1] = item.created ?? 0;
    [columns.phashHigh[i + 1], columns.phashLow[i + 1]] = item.phash ?? [0, 0];
  });
  return columns;
}

type Links = Record<ItemRef, [ItemRef, number][]>;

/** A graph over items 1…n; popularity falls with the ref unless given. */
export function plantGraph(
  n: number,
  planted: { neighbours?: Links; transitions?: Links; popularity?: number[]; cluster?: number[] } = {},
): ItemGraph {
  const items = Int32Array.from({ length: n }, (_, i) => i + 1);
  const popularity = Float32Array.from(planted.popularity ?? Array.from(items, (item) => n + 1 - item));
  const cluster = Uint16Array.from(planted.cluster ?? new Array(n).fill(0));
  return {
    ...{ version: 'planted', items, popularity, trend: popularity, cluster },
    columnOf: (item) => (item >= 1 && item <= n ? item - 1 : -1),
    neighbours: rows(n, planted.neighbours ?? {}),
    transitions: rows(n, planted.transitions ?? {}),
    clusters: Math.max(0, ...cluster) + 1,
  };
}

function rows(n: number, links: Links): SparseRows {
  const offsets = new Int32Array(n + 1);
  const columns: number[] = [];
  const weights: number[] = [];
  for (let item = 1; item <= n; item++) {
    for (const [other, weight] of (links[item] ?? []).toSorted((a, b) => b[1] - a[1])) {
      columns.push(other - 1);
      weights.push(weight);
    }
    offsets[item] = columns.length;
  }
  return { offsets, columns: Int32Array.from(columns), weights: Float32Array.from(weights) };
}

/** Everyone in `members` is everyone else's neighbour. */
export function clique(members: ItemRef[], weight = 1): Links {
  return Object.fromEntries(
    members.map((item) => [item, members.filter((m) => m !== item).map((m) => [m, weight])]),
  );
}

/** Someone who liked these, oldest first. */
export function plantUser(liked: ItemRef[] = [], more: Partial<UserState> = {}): UserState {
  return {
    ...emptyState('someone'),
    ...{ user: 1_000_000, seq: liked.length },
    recent: liked.map((item, i) => ({ item, strength: 1, at: i })),
    seen: new Set(liked),
    ...more,
  };
}

export function plantContext(
  planted: Partial<Omit<Context, 'request'>> & Pick<Context, 'columns'>,
  request: Partial<ListRequest> = {},
): Context {
  return {
    ...{ user: plantUser(), graph: plantGraph(0), now: Date.UTC(2026, 10, 1), random: seededRandom(1) },
    ...planted,
    request: {
      ...{ userId: 'someone', kind: 'image', limit: 20, surface: 'test', maxLevel: 1 },
      ...{ exclude: new Set(), tags: [] },
      ...request,
    },
  };
}

export const plantCandidate = (item: ItemRef, score: number, more: Partial<Candidate> = {}): Candidate => ({
  ...{ item, score, sources: ['similar'], features: {}, because: 0, propensity: 1 },
  ...more,
});

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
