import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { residentMB, runHamlet, startApi } from '../test/support/api-process.ts';
import { drive, type Load } from './load.ts';
import { writeResults } from './machine.ts';
import { ml1m } from './ml-1m-data.ts';

/**
 * The spine's speed figures (issue 3): ML-1M imported, one api process in embedded mode, the load
 * generator on the same cores, a trivial Fastify route measured in the same run.
 *   node bench/serve.ts            BENCH_HOME=folder that keeps the imported database
 */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 10);

export async function main(): Promise<void> {
  const data = ml1m();
  if (data === null) return;
  const home = process.env.BENCH_HOME ?? (await mkdtemp(join(tmpdir(), 'hamlet-bench-')));
  if (!existsSync(join(home, 'postgres'))) await runHamlet(home, data.importArguments);
  const trivial = await measureTrivial();
  const api = await startApi(home);
  try {
    await listsHave(api.url, 'similar');
    await drive(api.url, paths(), 16, Math.min(5, SECONDS));
    const loaded = await drive(api.url, paths(), 16, SECONDS);
    const single = await drive(api.url, paths(), 1, SECONDS);
    const memory = await residentMB(api.child);
    const ratio = loaded.requestsPerSecond / trivial.sixteen.requestsPerSecond;
    print({
      'trivial, 16': trivial.sixteen,
      'recommend, 16': loaded,
      'trivial, 1': trivial.one,
      'recommend, 1': single,
    });
    console.log(
      `ratio to the trivial route ${ratio.toFixed(3)} · api memory ${memory.now} MB (peak ${memory.peak})`,
    );
    await writeResults('serve', { trivial, sixteen: loaded, one: single, ratio, memory });
  } finally {
    await api.stop();
    if (!process.env.BENCH_HOME) await rm(home, { recursive: true, force: true });
  }
}

export async function measureTrivial(): Promise<{ sixteen: Load; one: Load }> {
  const child: ChildProcess = spawn(process.execPath, [resolve(import.meta.dirname, 'trivial-server.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((found) =>
    child.stdout!.once('data', (line: Buffer) => found(String(line).trim())),
  );
  const sixteen = await drive(url, paths(), 16, Math.min(5, SECONDS));
  const one = await drive(url, paths(), 1, Math.min(5, SECONDS));
  child.kill();
  return { sixteen, one };
}

/** Lists are only worth timing when what brings them is there: the item graph of the import, a model in force. */
export async function listsHave(url: string, source: string): Promise<void> {
  for (let waited = 0; waited < 240; waited++) {
    const answer = await fetch(`${url}/users/${1 + (waited % 50)}/recommendations?limit=20`);
    const page = (await answer.json()) as { items: { sources: string[] }[] };
    if (answer.ok && page.items.some((item) => item.sources.includes(source))) return;
    await new Promise((done) => setTimeout(done, 1000));
  }
  throw new Error(`no list had anything of ${source} within four minutes`);
}

/** A few thousand random users, each asked for in turn. */
export function paths(): string[] {
  let state = 12345;
  return Array.from({ length: 4000 }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return `/users/${1 + ((state >>> 8) % 6040)}/recommendations?limit=20`;
  });
}

export function print(rows: Record<string, Load>): void {
  console.log('serve (ML-1M)        req/s    p50    p90    p99  errors');
  for (const [name, row] of Object.entries(rows)) {
    const cells = [row.requestsPerSecond, row.p50, row.p90, row.p99, row.errors + row.non2xx];
    console.log(name.padEnd(18) + cells.map((cell) => String(cell).padStart(7)).join(''));
  }
}

if (import.meta.main) await main();
