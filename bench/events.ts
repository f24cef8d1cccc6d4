import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../src/config.ts';
import type { Events } from '../src/events/index.ts';
import type { EventInput } from '../src/events/types.ts';
import { silentLog } from '../src/log.ts';
import { seededRandom } from '../src/recommend/random.ts';
import { openStore } from '../src/store.ts';
import { writeResults } from './machine.ts';

/**
 * Durable ingestion (`synchronous_commit=on`), freshness, states and the training log, in one process beside
 * the embedded PostgreSQL; people and items drawn as in ML-1M (6,040 and 3,416).
 *   node bench/events.ts
 */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 4);
const PEOPLE = 6040;
const ITEMS = 3416;
const IMPORTED = 200_000;

export async function main(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'hamlet-events-'));
  await chmod(home, 0o755);
  const config = { ...loadConfig({}), HAMLET_HOME: home };
  const store = await openStore(config, silentLog);
  try {
    const { rows } = await store.db.pool.query('show synchronous_commit');
    const { events, catalog } = store;
    await catalog.put(
      Array.from({ length: ITEMS }, (_, n) => ({
        kind: 'image' as const,
        id: `item-${n}`,
        title: `Item ${n}`,
      })),
      { mode: 'trusted' },
    );
    const figures = {
      synchronousCommit: rows[0].synchronous_commit,
      importedPerSecond: await importAll(events),
      batchesOf500: {
        callers1: await ingesting(events, 500, 1),
        callers4: await ingesting(events, 500, 4),
        callers16: await ingesting(events, 500, 16),
      },
      singles: { callers1: await ingesting(events, 1, 1), callers16: await ingesting(events, 1, 16) },
      freshnessPerSecond: await repeating(16, () => events.freshness(person()).then(() => 1)),
      coldStatesPerSecond: await coldStates(events),
      warmStatesPerSecond: await repeating(16, async () => {
        const id = person();
        await events.state(id, await events.freshness(id));
        return 1;
      }),
      trainingLogRowsPerSecond: await readLog(events),
    };
    print(figures);
    await writeResults('events', figures);
  } finally {
    await store.close();
    await rm(home, { recursive: true, force: true });
  }
}

const random = seededRandom(1);
const pick = (n: number) => Math.floor(random.next() * n);
const person = () => `user-${pick(PEOPLE)}`;
let made = 0;
const draw = (): EventInput => ({
  ...{ eventId: `bench-${process.pid}-${made++}`, userId: person(), itemKind: 'image' },
  ...{ itemId: `item-${pick(ITEMS)}`, type: 'like', occurredAt: new Date().toISOString() },
});
const drawMany = (n: number) => Array.from({ length: n }, draw);

/** Runs `work` by `callers` at once for the set time; the sum of what it answers, a second. */
async function repeating(callers: number, work: () => Promise<number>): Promise<number> {
  const started = performance.now();
  let total = 0;
  const loop = async () => {
    while (performance.now() - started < SECONDS * 1000) {
      const done = await work();
      total += done;
    }
  };
  await Promise.all(Array.from({ length: callers }, loop));
  return Math.round((total / (performance.now() - started)) * 1000);
}

const ingesting = (events: Events, size: number, callers: number) =>
  repeating(callers, async () => {
    const results = await events.ingest(drawMany(size));
    return results.filter(({ status }) => status === 'accepted').length;
  });

async function importAll(events: Events): Promise<number> {
  const started = performance.now();
  for (let done = 0; done < IMPORTED; done += 20_000)
    await events.ingestImported(drawMany(20_000).map((event) => ({ ...event, synthetic: true })));
  return Math.round((IMPORTED / (performance.now() - started)) * 1000);
}

/** Each person once: nothing in memory, no checkpoint. */
async function coldStates(events: Events): Promise<number> {
  const started = performance.now();
  let next = 0;
  const loop = async () => {
    while (next < PEOPLE) {
      const id = `user-${next++}`;
      await events.state(id, await events.freshness(id));
    }
  };
  await Promise.all(Array.from({ length: 16 }, loop));
  return Math.round((PEOPLE / (performance.now() - started)) * 1000);
}

async function readLog(events: Events): Promise<number> {
  const started = performance.now();
  const log = await events.interactionLog('image');
  return Math.round((log.columns.length / (performance.now() - started)) * 1000);
}

function print(figures: object, indent = ''): void {
  for (const [name, value] of Object.entries(figures))
    if (typeof value === 'object') {
      console.log(indent + name);
      print(value, `${indent}  `);
    } else console.log(`${indent}${name.padEnd(28 - indent.length)} ${value}`);
}

if (import.meta.main) await main();
