import { partOfYear, type World } from '../seed/world.ts';
import { createColumns, type ItemColumns } from '../src/catalog/index.ts';
import { ITEM_FLAG, ITEM_STATUS, type ItemKind, KIND_CODE } from '../src/catalog/types.ts';
import { applyEvent, emptyState } from '../src/events/index.ts';
import type { UserState } from '../src/events/types.ts';
import { EVENT_STRENGTH } from '../src/events/types.ts';
import type { InteractionLog } from '../src/models/item-graph/types.ts';
import type { VectorHit, VectorReader } from '../src/vectors/port.ts';

/** The demo world as the pipeline reads it, without a database: item n of `world.items` has ref n + 1. */
export function columnsOf(world: World): ItemColumns {
  const columns = createColumns();
  const userOf = new Map(world.people.map(({ id }, n) => [id, n + 1]));
  columns.reserve(world.items.length);
  world.items.forEach((item, n) => {
    const level = item.minor || item.poi ? 0 : (item.browsingLevel ?? 0);
    columns.set([
      ...[n + 1, KIND_CODE[item.kind]],
      ...[item.id, ITEM_STATUS.live, userOf.get(item.creatorId ?? '') ?? 0, level, ITEM_FLAG.available, 0, 0],
      ...[Date.parse(item.createdAt!) / 1000, (item.tags ?? []).join('\x1f')],
    ] as Parameters<typeof columns.set>[0]);
  });
  columns.advance(1);
  return columns;
}

/** States as of before each page, by user and page, of pages after the cut. */
export function statesBefore(
  world: World,
  columns: ItemColumns,
  cut: number,
  pageOf: (eventId: string) => number | null,
) {
  const states = new Map<string, UserState>();
  const userOf = new Map(world.people.map(({ id }, n) => [id, n + 1]));
  const known = new Map<string, { state: UserState; page: number | null }>();
  for (const event of world.events) {
    const person = known.get(event.userId) ?? {
      ...{ state: { ...emptyState(event.userId), user: userOf.get(event.userId)! }, page: null },
    };
    known.set(event.userId, person);
    const page = pageOf(event.eventId);
    const at = Date.parse(event.occurredAt);
    if (page !== null && page !== person.page && partOfYear(at) >= cut)
      states.set(`${event.userId} ${page}`, {
        ...{ ...person.state, recent: person.state.recent.slice(), seen: new Set(person.state.seen) },
        ...{ disliked: person.state.disliked.slice(), hidden: new Set(person.state.hidden) },
      });
    person.page = page;
    const item = columns.refOf(event.itemKind, event.itemId)!;
    applyEvent(person.state, { item, type: event.type, at });
    person.state.seq++;
  }
  return states;
}

/** What the item graph learns from: the strongest a person did with an item, before the cut. */
export function servedLog(world: World, columns: ItemColumns, kind: ItemKind, cut: number): InteractionLog {
  const rows = new Map<string, Map<number, { strength: number; at: number }>>();
  for (const event of world.events) {
    const at = Date.parse(event.occurredAt);
    if (event.itemKind !== kind || partOfYear(at) >= cut) continue;
    const row = rows.get(event.userId) ?? new Map();
    rows.set(event.userId, row);
    const item = columns.refOf(kind, event.itemId)!;
    const strength = EVENT_STRENGTH[event.type];
    const before = row.get(item);
    row.delete(item);
    if (strength > 0) row.set(item, { strength: Math.max(strength, before?.strength ?? 0), at });
  }
  const items = Int32Array.from(new Set([...rows.values()].flatMap((row) => [...row.keys()]))).sort();
  const columnOf = new Map([...items].map((item, column) => [item, column]));
  const all = [...rows.values()].filter(({ size }) => size > 0);
  const entries = all.flatMap((row) => [...row]);
  const offsets = new Int32Array(all.length + 1);
  all.forEach((row, user) => {
    offsets[user + 1] = offsets[user]! + row.size;
  });
  return {
    ...{ items, users: all.length, offsets, syntheticTime: false },
    columns: Int32Array.from(entries, ([item]) => columnOf.get(item)!),
    strengths: Float32Array.from(entries, ([, { strength }]) => strength),
    times: Float64Array.from(entries, ([, { at }]) => at),
  };
}

/** An exact index over the shipped vectors; what may be shown is the pipeline's business. */
export function vectorsOf(columns: ItemColumns, vectors: Map<number, Float32Array>): VectorReader {
  const search = (kind: ItemKind, vector: Float32Array, limit: number) => {
    const hits: VectorHit[] = [];
    for (const [id, other] of vectors)
      if (columns.kind[id] === KIND_CODE[kind]) hits.push({ id, score: product(vector, other) });
    return hits.sort((a, b) => b.score - a.score || a.id - b.id).slice(0, limit);
  };
  // Each pipeline asks about the same items, a quarter of what measuring them takes.
  const known = new Map<string, VectorHit[]>();
  return {
    backend: 'embedded',
    vectors: async (_, __, ids) =>
      new Map(ids.flatMap((id) => (vectors.has(id) ? [[id, vectors.get(id)!] as const] : []))),
    search: async (kind, queries) =>
      queries.map(({ vector, limit }) => {
        const asked = `${kind} ${limit} ${vector.join()}`;
        const hits = known.get(asked) ?? search(kind, vector, limit);
        known.set(asked, hits);
        return hits;
      }),
  };
}

export function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += a[d]! * b[d]!;
  return sum;
}
