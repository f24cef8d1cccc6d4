import { ITEM_FLAG } from '../src/catalog/types.ts';
import { emptyState } from '../src/events/index.ts';
import type { UserState } from '../src/events/types.ts';
import type { ItemGraph, SparseRows } from '../src/models/item-graph/types.ts';
import {
  contentInMemory,
  defaultPipeline,
  type Random,
  runPipeline,
  seededRandom,
} from '../src/recommend/index.ts';
import { writeResults } from './machine.ts';

/**
 * Processor time of one list, without database or HTTP: a synthetic catalogue of ML-1M's size (3,416
 * items, histories of 165, 200 neighbours an item, vectors of 64 numbers), lists of 100, everything on.
 *   node bench/recommend-core.ts        node --cpu-prof bench/recommend-core.ts
 */
const ITEMS = 3416;
const USERS = 500;
const HISTORY = 165;
const NEIGHBOURS = 200;
const FOLLOWERS = 110;
const DIMS = 64;
const CLUSTERS = 40;

export async function main(): Promise<void> {
  const random = seededRandom(1);
  const columns = syntheticColumns();
  const graph = syntheticGraph(random);
  const users = Array.from({ length: USERS }, (_, n) => syntheticUser(n + 1, random));
  const vectors = new Map(
    Array.from({ length: ITEMS }, (_, i) => [i + 1, unitVector((i * CLUSTERS) % ITEMS, random)]),
  );
  const near = Array.from({ length: ITEMS + 1 }, (_, item) =>
    draw(80, random).map((id, rank) => ({ id, score: id === item ? 0 : 0.9 - rank / 200 })),
  );
  const pipeline = defaultPipeline({
    settings: { LIST_DEPTH: 100, DRAW_SHARE: 0.1, DRAW_TEMPERATURE: 0.2, DRAW_TOP: 50, EXPLORE_SHARE: 0.05 },
    content: contentInMemory(vectors),
    neighbours: (_, items) => items.map((item) => near[item]!),
  });
  const stages = new Map<string, number>();
  const list = async (n: number) => {
    const user = users[n % USERS]!;
    const request = {
      userId: user.id,
      kind: 'image' as const,
      limit: 20,
      surface: 'bench',
      maxLevel: 1,
      exclude: new Set<number>(),
      tags: [],
    };
    const { trace } = await runPipeline(pipeline, {
      request,
      user,
      columns,
      graph,
      now: Date.now(),
      random: seededRandom(n),
    });
    for (const { stage, ms } of trace.stages) stages.set(stage, (stages.get(stage) ?? 0) + ms);
  };
  const warm = 3000;
  const measured = 6000;
  for (let n = 0; n < warm; n++) await list(n);
  stages.clear();
  const before = process.cpuUsage();
  const started = performance.now();
  for (let n = 0; n < measured; n++) await list(n);
  const wall = ((performance.now() - started) * 1000) / measured;
  const used = process.cpuUsage(before);
  const cpu = (used.user + used.system) / measured;
  const byStage = Object.fromEntries(
    [...stages].map(([stage, ms]) => [stage, Math.round((ms * 1000) / measured)]),
  );
  console.log(`one list: ${cpu.toFixed(0)} µs of processor time, ${wall.toFixed(0)} µs on the clock`);
  console.log(
    `by stage (µs on the clock): ${Object.entries(byStage)
      .map(([stage, us]) => `${stage} ${us}`)
      .join(', ')}`,
  );
  await writeResults('recommend-core', {
    lists: measured,
    cpuMicroseconds: Math.round(cpu),
    wallMicroseconds: Math.round(wall),
    byStage,
  });
}

function syntheticColumns() {
  const size = ITEMS + 1;
  const kind = new Uint8Array(size).fill(1);
  kind[0] = 0;
  return {
    ...{ size, version: 1, kind, level: new Uint8Array(size).fill(1) },
    ...{ flags: new Uint8Array(size).fill(ITEM_FLAG.available), created: new Float64Array(size) },
    creator: Int32Array.from({ length: size }, (_, i) => 1 + (i % 500)),
    ...{ phashHigh: new Uint32Array(size), phashLow: new Uint32Array(size) },
    ...{ idOf: String, refOf: (_: string, id: string) => Number(id), tagsOf: () => [] },
  };
}

function syntheticGraph(random: Random): ItemGraph {
  const popularity = Float32Array.from({ length: ITEMS }, (_, i) => 3000 / (1 + i / 50));
  return {
    ...{ version: 'synthetic', items: Int32Array.from({ length: ITEMS }, (_, i) => i + 1) },
    columnOf: (item) => item - 1,
    ...{ neighbours: syntheticRows(NEIGHBOURS, random), transitions: syntheticRows(FOLLOWERS, random) },
    ...{ popularity, trend: popularity, clusters: CLUSTERS },
    cluster: Uint16Array.from({ length: ITEMS }, (_, i) => i % CLUSTERS),
  };
}

function syntheticRows(width: number, random: Random): SparseRows {
  const columns = new Int32Array(ITEMS * width);
  for (let row = 0; row < ITEMS; row++)
    columns.set(
      draw(width, random).map((item) => item - 1),
      row * width,
    );
  return {
    offsets: Int32Array.from({ length: ITEMS + 1 }, (_, i) => i * width),
    columns,
    weights: Float32Array.from(columns, (_, k) => 0.3 / (1 + (k % width))),
  };
}

/** Different items, the low refs more often. */
function draw(count: number, random: Random): number[] {
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(1 + Math.floor(ITEMS * random.next() ** 2));
  return [...drawn];
}

function syntheticUser(user: number, random: Random): UserState {
  const items = draw(HISTORY, random);
  const recent = items.map((item, at) => ({ item, strength: 1, at }));
  return { ...emptyState(`user-${user}`), user, seq: HISTORY, recent, seen: new Set(items) };
}

function unitVector(centre: number, random: Random): Float32Array {
  const around = seededRandom(centre);
  const vector = Float32Array.from({ length: DIMS }, () => around.next() - 0.5 + (random.next() - 0.5));
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

if (import.meta.main) await main();
