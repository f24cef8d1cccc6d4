import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Page } from '../src/recommend/types.ts';
import { ml1m } from './ml-1m-data.ts';

/**
 * Runs every block of bench/ml-1m.md as it stands, in a folder of its own, and checks what that page claims.
 *   node bench/ml-1m.ts
 */
const ROOT = resolve(import.meta.dirname, '..');

export async function main(): Promise<void> {
  const data = ml1m();
  if (data === null) return;
  if (spawnSync('jq', ['--version']).status !== 0 || spawnSync('curl', ['--version']).status !== 0) {
    console.log('skipped: the walk needs jq and curl');
    return;
  }
  const home = await mkdtemp(join(tmpdir(), 'hamlet-walk-'));
  try {
    const page = await readFile(join(import.meta.dirname, 'ml-1m.md'), 'utf8');
    const blocks = [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block);
    await run(blocks.join('\n'), {
      HAMLET_HOME: home,
      PORT: '3187',
      BENCH_DATA: dirname(dirname(data.file)),
    });
    check(await read(home, 'before'), await read(home, 'after'));
    console.log('the walk holds');
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** One shell for all blocks, so that what one sets the next one has. */
async function run(script: string, env: Record<string, string>): Promise<void> {
  const bash = ['-euo', 'pipefail', '-c', script];
  const shell = spawn('bash', bash, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    // A group of its own: the server it leaves running ends with it.
    detached: true,
  });
  const code = await new Promise<number | null>((done) => shell.once('exit', done));
  process.kill(-shell.pid!, 'SIGTERM');
  if (code !== 0) throw new Error(`the walk ended with ${code}`);
}

const read = async (home: string, name: string): Promise<Page> =>
  JSON.parse(await readFile(join(home, `${name}.json`), 'utf8'));

function check(before: Page, after: Page): void {
  const [liked, hidden] = before.items.map(({ id }) => id) as [string, string];
  const claims: Record<string, boolean> = {
    'the list is full': before.items.length === 100 && after.items.length === 100,
    'titles are there': before.items.filter(({ title }) => title !== '').length > 90,
    'reasons come from the history': before.items.some(({ explanation }) => explanation.source === 'history'),
    'neither what was liked nor what was hidden comes back': after.items.every(
      ({ id }) => id !== liked && id !== hidden,
    ),
    'the like explains new items': after.items.some(({ explanation }) =>
      explanation.evidence.includes(liked),
    ),
    'nothing is degraded': before.degraded.length === 0 && after.degraded.length === 0,
  };
  const broken = Object.keys(claims).filter((claim) => !claims[claim]);
  if (broken.length > 0) throw new Error(`it does not hold that ${broken.join(', ')}`);
}

if (import.meta.main) await main();
