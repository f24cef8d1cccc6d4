import { readFile } from 'node:fs/promises';
import { worldSize } from '../seed/index.ts';
import { makePeople } from '../seed/people.ts';
import { liveYear } from '../seed/sessions.ts';
import { readShippedVectors } from '../seed/vectors/shipped.ts';
import { dateOf, makeWorld } from '../seed/world.ts';
import type { ItemColumns } from '../src/catalog/columns.ts';
import {
  ITEM_FLAG,
  type ItemInput,
  type ItemKind,
  type ItemRef,
  KIND_CODE,
  LEVEL,
} from '../src/catalog/types.ts';
import { loadConfig } from '../src/config.ts';
import { bootstrap } from '../src/evaluation/intervals.ts';
import { applyEvent, emptyState } from '../src/events/index.ts';
import { EVENT_STRENGTH, type StateEvent, type UserState } from '../src/events/types.ts';
import { buildItemGraph } from '../src/models/index.ts';
import type { InteractionLog } from '../src/models/item-graph/types.ts';
import { BLEND } from '../src/recommend/blend.ts';
import { contentInMemory, defaultPipeline, runPipeline, seededRandom } from '../src/recommend/index.ts';
import type { VectorHit } from '../src/vectors/port.ts';
import { PLACE_SPACES } from '../src/w2w/index.ts';
import { writeResults } from './machine.ts';
import { coordinates } from './w2w-retrieval.ts';

/**
 * Lists of models as they are served, with and without the source that knows where LoRAs lie in weight space: the
 * last model each person of the demo world newly liked, took or used, among ten of all 240. The source's weight is
 * chosen on other people (seed 202) who met the same pictures and models, and judged on the world's own.
 *   node bench/w2w-lists.ts
 */
const K = 10;
const WEIGHTS = [0.06, 0.12, 0.25, 0.5, 1];
const NEIGHBOURS = 80;
const OTHERS = 202;
type Vectors = Map<ItemRef, Float32Array>;
type Case = { state: UserState; target: ItemRef; at: number };
type Deeds = Map<string, StateEvent[]>;

export async function main(kept?: string): Promise<void> {
  const size = worldSize('full');
  const world = makeWorld(size);
  const columns = columnsOf(world.items);
  const places = new Map(
    [...(await placesOf(world.items, kept))].map(([id, vector]) => [columns.refOf('model', id)!, vector]),
  );
  const shipped = (await readShippedVectors(world.items))!;
  const clip: Vectors = new Map(
    world.items.flatMap((_, n) => (shipped.vectorOf(n) ? [[n + 1, shipped.vectorOf(n)!] as const] : [])),
  );
  const own = deedsOf(
    columns,
    world.events.map(({ userId, itemKind, itemId, type, occurredAt }) => ({
      userId,
      itemKind,
      itemId,
      type,
      occurredAt,
    })),
  );
  const people = makePeople(size.users, OTHERS);
  const { deeds } = liveYear(size.events, { people, pictures: world.pictures, cards: world.cards }, OTHERS);
  const others = deedsOf(
    columns,
    deeds.map(({ person, kind, id, type, at }) => ({
      ...{ userId: person.id, itemKind: kind, itemId: id, type, occurredAt: dateOf(at) },
    })),
  );
  const judge = (log: Deeds) => judged(log, columns, clip, places);
  const chosenOn = await judge(others);
  const tuning: Record<string, object> = {};
  for (const weight of [0, ...WEIGHTS]) tuning[weight] = figures(await chosenOn(weight));
  const best = WEIGHTS.toSorted((a, b) => ndcg(tuning[b]!) - ndcg(tuning[a]!))[0]!;
  const test = await judge(own);
  const [without, withIt] = [await test(0), await test(best)];
  const added = Float64Array.from(withIt, (gain, n) => gain - without[n]!);
  const result = {
    ...{ people: without.length, weight: best, tuning },
    ...{ without: figures(without), with: figures(withIt) },
    [`addedNDCG@${K}`]: { mean: mean(added), interval: bootstrap({ added }, 1).added },
  };
  console.log(JSON.stringify(result, null, 2));
  await writeResults('w2w-lists', { command: 'node bench/w2w-lists.ts', ...result });
}

const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const figures = (gains: number[]) => ({
  [`HR@${K}`]: mean(gains.map((gain) => Number(gain > 0))),
  [`NDCG@${K}`]: mean(gains),
});
const ndcg = (told: object) => (told as Record<string, number>)[`NDCG@${K}`]!;

/** From a file `{"ID": [numbers]}` where somebody kept them, else by the sidecar's job. */
async function placesOf(items: ItemInput[], kept?: string): Promise<Map<string, Float32Array>> {
  if (kept === undefined)
    return coordinates(
      items.flatMap(({ kind, id }) => (kind === 'model' ? [id] : [])),
      PLACE_SPACES.w2w,
    );
  const told = JSON.parse(await readFile(kept, 'utf8')) as Record<string, number[]>;
  return new Map(Object.entries(told).map(([id, numbers]) => [id, Float32Array.from(numbers)]));
}

/** Gains of the last new model of each person, at a weight of the source; 0 is without it. */
async function judged(log: Deeds, columns: ItemColumns, clip: Vectors, places: Vectors) {
  const cases = [...log].flatMap(([id, deeds], n) => caseOf(id, n + 1, deeds, columns) ?? []);
  const graph = buildItemGraph(logOf(cases, columns));
  const [inClip, inWeights] = [clip, places].map((vectors) => nearest(vectors, columns));
  return async (weight: number): Promise<number[]> => {
    const pipeline = defaultPipeline({
      ...{
        settings: { ...loadConfig({}), DRAW_SHARE: 0 },
        content: contentInMemory(clip),
        neighbours: inClip!,
      },
      ...(weight > 0 && { places: { content: contentInMemory(places), neighbours: inWeights! } }),
      blend: { version: 'bench', weights: { ...BLEND.weights, weights: weight } },
      patience: 60_000,
    });
    const slow = pipeline.sources.map((source) => ({ ...source, deadline: 60_000 }));
    const gains: number[] = [];
    for (const { state, target, at } of cases) {
      const { items } = await runPipeline(
        { ...pipeline, sources: slow },
        {
          request: {
            ...{ userId: state.id, kind: 'model', limit: K, surface: 'evaluation', maxLevel: LEVEL.PG },
            ...{ tags: [], exclude: new Set<ItemRef>() },
          },
          ...{ user: state, columns, graph, now: at, random: seededRandom(target ^ state.user) },
        },
      );
      const place = items.slice(0, K).findIndex(({ item }) => item === target);
      gains.push(place < 0 ? 0 : 1 / Math.log2(place + 2));
    }
    return gains;
  };
}

/** A person as of before the target, of which nothing is known; null with fewer than three models before it. */
function caseOf(id: string, user: number, deeds: StateEvent[], columns: ItemColumns): Case | null {
  const isModel = ({ item }: StateEvent) => columns.kind[item] === KIND_CODE.model;
  const taken = new Set<ItemRef>();
  let last: StateEvent | undefined;
  for (const deed of deeds)
    if (isModel(deed) && EVENT_STRENGTH[deed.type] >= 1 && !taken.has(deed.item)) {
      taken.add(deed.item);
      last = deed;
    }
  if (last === undefined || taken.size <= 3) return null;
  const state: UserState = { ...emptyState(id), user };
  for (const deed of deeds) if (deed.at < last.at && deed.item !== last.item) applyEvent(state, deed);
  return { state, target: last.item, at: last.at };
}

/** Rows of what each took before the target. */
function logOf(cases: Case[], columns: ItemColumns): InteractionLog {
  const items = Int32Array.from(
    Array.from({ length: columns.size }, (_, ref) => ref).filter(
      (ref) => columns.kind[ref] === KIND_CODE.model,
    ),
  );
  const columnOf = new Map([...items].map((item, column) => [item, column]));
  const rows = cases.map(({ state }) => state.recent.filter(({ item }) => columnOf.has(item)));
  const all = rows.flat();
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, n) => {
    offsets[n + 1] = offsets[n]! + row.length;
  });
  return {
    ...{ items, users: rows.length, offsets, syntheticTime: false },
    columns: Int32Array.from(all, ({ item }) => columnOf.get(item)!),
    strengths: Float32Array.from(all, ({ strength }) => strength),
    times: Float64Array.from(all, ({ at }) => at),
  };
}

function nearest(vectors: Vectors, { kind }: ItemColumns) {
  const known = new Map<ItemRef, VectorHit[]>();
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, d) => sum + value * b[d]!, 0);
  return (of: ItemKind, items: ItemRef[]) =>
    items.map((item) => {
      const found = known.get(item);
      if (found) return found;
      const hits = [...vectors]
        .filter(([id]) => id !== item && kind[id] === KIND_CODE[of])
        .map(([id, vector]) => ({ id, score: dot(vectors.get(item)!, vector) }))
        .sort((a, b) => b.score - a.score)
        .slice(0, NEIGHBOURS);
      known.set(item, hits);
      return hits;
    });
}

type Told = {
  userId: string;
  itemKind: ItemKind;
  itemId: string;
  type: StateEvent['type'];
  occurredAt: string;
};

function deedsOf(columns: ItemColumns, told: Told[]): Deeds {
  const deeds: Deeds = new Map();
  for (const { userId, itemKind, itemId, type, occurredAt } of told) {
    const item = columns.refOf(itemKind, itemId);
    if (item === undefined) continue;
    const mine = deeds.get(userId) ?? [];
    mine.push({ item, type, at: Date.parse(occurredAt) });
    deeds.set(userId, mine);
  }
  for (const mine of deeds.values()) mine.sort((a, b) => a.at - b.at);
  return deeds;
}

/** Item n of the world has ref n + 1. */
function columnsOf(items: ItemInput[]): ItemColumns {
  const size = items.length + 1;
  const refs = new Map(items.map(({ kind, id }, n) => [`${kind} ${id}`, n + 1]));
  const creators = new Map<string, number>();
  const number = (id = '') => creators.get(id) ?? creators.set(id, creators.size + 1).get(id)!;
  return {
    ...{ size, version: 1 },
    kind: Uint8Array.from([0, ...items.map(({ kind }) => KIND_CODE[kind])]),
    level: Uint8Array.from([0, ...items.map(({ browsingLevel }) => browsingLevel ?? 0)]),
    flags: new Uint8Array(size).fill(ITEM_FLAG.available, 1),
    creator: Int32Array.from([0, ...items.map(({ creatorId }) => number(creatorId))]),
    created: Float64Array.from([0, ...items.map(({ createdAt }) => Date.parse(createdAt ?? '') / 1000 || 0)]),
    ...{ phashHigh: new Uint32Array(size), phashLow: new Uint32Array(size) },
    idOf: (item) => items[item - 1]?.id ?? '',
    refOf: (kind, id) => refs.get(`${kind} ${id}`),
    tagsOf: (item) => items[item - 1]?.tags ?? [],
  };
}

if (import.meta.main) await main(process.argv[2]);
