import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QdrantClient } from '@qdrant/js-client-rest';
import { silentLog } from '../src/log.ts';
import { openVectors, type VectorFilter, type VectorStore } from '../src/vectors/index.ts';
import { qdrantFilter } from '../src/vectors/qdrant/filter.ts';
import { SEARCH } from '../src/vectors/qdrant/search-params.ts';
import { qdrantServer } from '../test/support/qdrant-server.ts';
import { resultsOf, writeResults } from './machine.ts';
import { CLUSTERS, COUNT, DIMS, LIMIT, type Planted, plant, QUERIES, SHARES, WARM } from './planted-index.ts';

/**
 * Candidate retrieval at the size of ImageGem's LoRAs: 242,000 × 64 in 200 planted clusters, and without
 * any cluster, which is the worst case of every index. Top 100, one query at a time, recall against exact.
 *   node bench/vectors.ts [embedded|qdrant] [clustered|random]
 * Qdrant is its own engine behind the test server: `engine` is the time that server states for itself.
 */
const BATCH = 2_000;

type Row = { share: number; p50: number; p99: number; engineP50?: number; recall: number };
type Backend = {
  store: VectorStore;
  settled(): Promise<void>;
  engineMs?(query: EngineQuery): Promise<number>;
};
type EngineQuery = { vector: Float32Array; filter: VectorFilter };

export async function main(args: string[] = []): Promise<void> {
  const named = <T extends string>(names: T[]) => {
    const asked = names.filter((name) => args.includes(name));
    return asked.length > 0 ? asked : names;
  };
  const kinds = named(['clustered', 'random']);
  const data = Object.fromEntries(kinds.map((kind) => [kind, plant(kind === 'clustered' ? CLUSTERS : 0)]));
  for (const backend of named(['embedded', 'qdrant'])) {
    const figures: Record<string, { loadSeconds: number; rows: Record<string, Row> }> = {};
    for (const kind of kinds) {
      console.log(`${backend}, ${kind} ${COUNT} × ${DIMS}, top ${LIMIT}`);
      figures[kind] = await measure(backend === 'embedded' ? embedded : qdrant, data[kind]!);
    }
    const name = `vectors-${backend}`;
    // A kind that was not measured now stays as it was.
    const before = (await resultsOf(name)) as Partial<typeof figures> | undefined;
    const setting = { count: COUNT, dims: DIMS, limit: LIMIT, seed: 1 };
    await writeResults(name, {
      ...setting,
      clustered: before?.clustered,
      random: before?.random,
      ...figures,
    });
  }
}

async function measure(open: (t: Closing) => Promise<Backend>, { points, queries, truth }: Planted) {
  const closing: (() => unknown)[] = [];
  try {
    const { store, settled, engineMs } = await open({ teardown: (fn) => closing.unshift(fn) });
    await store.open({ kind: 'image', spaces: { text: DIMS } });
    const began = performance.now();
    for (let i = 0; i < COUNT; i += BATCH) await store.upsert('image', points.slice(i, i + BATCH));
    await settled();
    const loadSeconds = Math.round((performance.now() - began) / 100) / 10;
    console.log(`  loaded and indexed in ${loadSeconds} s`);
    console.log('  filter keeps       p50      p99   engine   recall');
    const rows: Record<string, Row> = {};
    for (const [name, share] of Object.entries(SHARES)) {
      const filter: VectorFilter = name === 'all' ? { maxLevel: 1 } : { maxLevel: 1, tags: [name] };
      const times: number[] = [];
      const engine: number[] = [];
      let right = 0;
      for (const [i, vector] of queries.entries()) {
        const asked = performance.now();
        const [hits] = await store.search('image', [{ space: 'text', vector, limit: LIMIT, filter }]);
        if (i < WARM) continue;
        times.push(performance.now() - asked);
        right += hits!.filter(({ id }) => truth.get(name)![i - WARM]!.has(id)).length;
        if (engineMs) engine.push(await engineMs({ vector, filter }));
      }
      const row: Row = { share, p50: quantile(times, 0.5), p99: quantile(times, 0.99), recall: 0 };
      row.recall = Math.round((right / (QUERIES * LIMIT)) * 1e4) / 1e4;
      if (engineMs) row.engineP50 = quantile(engine, 0.5);
      rows[name] = row;
      const cells = [row.p50, row.p99, row.engineP50].map((ms) => (ms?.toFixed(2) ?? '–').padStart(9));
      console.log(`  ${`${100 * share} %`.padEnd(12)}${cells.join('')}   ${row.recall.toFixed(4)}`);
    }
    return { loadSeconds, rows };
  } finally {
    for (const close of closing) await close();
  }
}

type Closing = { teardown(fn: () => unknown): void };

async function embedded(t: Closing): Promise<Backend> {
  const home = mkdtempSync(join(tmpdir(), 'hamlet-bench-vectors-'));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  const store = await openVectors({ HAMLET_HOME: home, VECTORS_URL: '', VECTORS_API_KEY: '' }, silentLog);
  t.teardown(() => store.close());
  return { store, settled: async () => {} };
}

async function qdrant(t: Closing): Promise<Backend> {
  const { url } = await qdrantServer(t);
  const store = await openVectors({ HAMLET_HOME: '', VECTORS_URL: url, VECTORS_API_KEY: '' }, silentLog);
  const client = new QdrantClient({ url, checkCompatibility: false });
  /** The graph is built in the background; the server does not answer meanwhile. */
  const settled = async () => {
    while ((await client.getCollection('hamlet-image')).status !== 'green')
      await new Promise((done) => setTimeout(done, 500));
  };
  const engineMs = async ({ vector, filter }: EngineQuery) => {
    const search = { query: Array.from(vector), using: 'text', limit: LIMIT, filter: qdrantFilter(filter) };
    const answer = await client.api().queryBatchPoints({
      collection_name: 'hamlet-image',
      searches: [{ ...search, params: SEARCH, with_payload: false, with_vector: false }],
    });
    return 1000 * (answer.data as { time: number }).time;
  };
  return { store, settled, engineMs };
}

function quantile(times: number[], q: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]! * 1000) / 1000;
}

if (import.meta.main) await main(process.argv.slice(2));
