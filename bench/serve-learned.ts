import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { loadConfig } from '../src/config.ts';
import { type Database, openDatabase, query } from '../src/db/index.ts';
import { silentLog } from '../src/log.ts';
import { activeArtifact, addArtifact, promote, rollback } from '../src/models/index.ts';
import { readSequenceArtifact } from '../src/models/sequence/artifact.ts';
import { openSequenceEncoder } from '../src/models/sequence/encoder.ts';
import { type ApiProcess, residentMB, runHamlet, startApi } from '../test/support/api-process.ts';
import { drive } from './load.ts';
import { writeResults } from './machine.ts';
import { ml1m } from './ml-1m-data.ts';
import { listsHave, measureTrivial, paths, print } from './serve.ts';

/**
 * Issue 5's speed figures: ML-1M as in `serve.ts`, with a SASRec in force, another put in its place under load, and
 * the same api without one.
 *   node bench/sasrec.ts ml-1m && node bench/serve-learned.ts      BENCH_HOME keeps the imported database
 */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 10);
const TRAINED = resolve(import.meta.dirname, '../.hamlet/bench/sasrec-ml-1m');
const SWAPS = 4;
/** Lists a second, asked in an open loop in bursts: whether the model is there where the processor is not used up. */
const STEADY = 120;
/** Within which an api sees what is in force. */
const TAKEN_UP_MS = 6000;

export async function main(): Promise<void> {
  const data = ml1m();
  if (data === null) return;
  const folders = trained();
  if (folders.length === 0)
    return console.log('skipped: `node bench/sasrec.ts ml-1m` trains what is served here');
  const home = process.env.BENCH_HOME ?? (await mkdtemp(join(tmpdir(), 'hamlet-bench-')));
  if (!existsSync(join(home, 'postgres'))) await runHamlet(home, data.importArguments);
  const encode = await timeEncoder(folders[0]!);
  const versions = enterAll(home, folders);
  const trivial = await measureTrivial();
  const api = await startApi(home);
  const db = await openDatabase(loadConfig({ ...process.env, HAMLET_HOME: home }), silentLog);
  try {
    for (const version of versions) await addArtifact(db, home, `sasrec-image-${version}`);
    await promote(db, 'sasrec-image', versions[0]!);
    await listsHave(api.url, 'sequence');
    await listsHave(api.url, 'similar');
    const load = (connections: number, rate?: number) => measured(db, api, connections, rate);
    await drive(api.url, paths(), 16, Math.min(5, SECONDS));
    const sixteen = await load(16);
    const one = await load(1);
    const { degraded: lateAtEase } = await load(16, STEADY);
    const [swapped] = await Promise.all([load(16), swap(db, versions)]);
    for (let left = await activeArtifact(db, 'sasrec-image'); left !== null; )
      left = await rollback(db, 'sasrec-image');
    await new Promise((done) => setTimeout(done, TAKEN_UP_MS));
    const without = { sixteen: await load(16), one: await load(1) };
    const memory = await residentMB(api.child);
    print({ 'trivial, 16': trivial.sixteen, '16': sixteen, '1': one, 'swaps, 16': swapped });
    print({ 'without it, 16': without.sixteen, 'without it, 1': without.one });
    console.log(
      `encode p50 ${encode.p50.toFixed(2)} ms, p99 ${encode.p99.toFixed(2)} ms · api ${memory.now} MB, ` +
        `${sixteen.cpuMs.toFixed(2)} ms of processor time a list (without it ${without.sixteen.cpuMs.toFixed(2)}) · ` +
        `lists without the model ${(100 * sixteen.degraded).toFixed(1)} %, at ${STEADY}/s ${(100 * lateAtEase).toFixed(1)} %`,
    );
    await writeResults('serve-learned', {
      trivial,
      sixteen,
      one,
      atEase: { rate: STEADY, degraded: lateAtEase },
      swapped: { swaps: SWAPS, ...swapped },
      without,
      encode,
      memory,
    });
  } finally {
    await db.close();
    await api.stop();
    if (!process.env.BENCH_HOME) await rm(home, { recursive: true, force: true });
  }
}

/** A load, the api's processor time a list, and the share of lists that some part was late for. */
async function measured(db: Database, { url, child }: ApiProcess, connections: number, rate?: number) {
  const [began, used] = [new Date(), processorMs(child.pid!)];
  const load = await drive(url, paths(), connections, SECONDS, rate);
  const spent = processorMs(child.pid!) - used;
  const [lists] = await query<{ made: number; degraded: number }>(
    db,
    `select count(*)::int as made, count(*) filter (where degraded <> '[]')::int as degraded
     from recommendations where created_at >= $1`,
    [began],
  );
  const { made, degraded } = lists!;
  return { ...load, cpuMs: spent / made, degraded: degraded / made };
}

/** User and system time of a process and its threads (Linux), in steps of 10 ms. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function trained(): string[] {
  if (!existsSync(TRAINED)) return [];
  return readdirSync(TRAINED)
    .filter((file) => /^trained-\d+\.json$/.test(file))
    .map((file) => join(TRAINED, JSON.parse(readFileSync(join(TRAINED, file), 'utf8')).artifact));
}

/** Copies the folders to where the api looks; their versions. */
function enterAll(home: string, folders: string[]): string[] {
  mkdirSync(join(home, 'artifacts'), { recursive: true });
  return folders.map((folder) => {
    cpSync(folder, join(home, 'artifacts', basename(folder)), { recursive: true });
    return basename(folder).replace('sasrec-image-', '');
  });
}

/** Histories as long as the model looks at, one after the other, in this thread. */
async function timeEncoder(folder: string): Promise<{ p50: number; p99: number; history: number }> {
  const artifact = await readSequenceArtifact(folder);
  const encoder = await openSequenceEncoder(artifact);
  const times: number[] = [];
  for (let asked = 0; asked < 600; asked++) {
    const history = Int32Array.from(
      { length: artifact.length },
      (_, at) => (asked * 31 + at * 7) % artifact.ids.length,
    );
    const began = performance.now();
    await encoder.encode(history);
    if (asked >= 100) times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  return { p50: times[250]!, p99: times[495]!, history: artifact.length };
}

/** Each version in turn, spread over the time of the load. */
async function swap(db: Parameters<typeof promote>[0], versions: string[]): Promise<void> {
  for (let n = 1; n <= SWAPS; n++) {
    await new Promise((done) => setTimeout(done, (SECONDS * 1000) / (SWAPS + 1)));
    await promote(db, 'sasrec-image', versions[n % versions.length]!);
  }
}

if (import.meta.main) await main();
