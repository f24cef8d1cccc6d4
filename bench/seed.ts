import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runHamlet } from './api-process.ts';
import { writeResults } from './machine.ts';

/** `npx hamlet seed` into an empty database of its own, and again into the full one. */
const MUST_SECONDS = 60;

export async function main(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'hamlet-seed-'));
  try {
    const first = await runHamlet(home, ['seed']);
    const again = await runHamlet(home, ['seed']);
    const { stdout } = await promisify(execFile)('du', ['-sm', join(home, 'postgres'), home]);
    const [databaseMB, homeMB] = stdout.split('\n').map((line) => Number.parseInt(line, 10));
    const figures = {
      seconds: first.seconds,
      peakMB: first.peakMB,
      againSeconds: again.seconds,
      databaseMB,
      homeMB,
    };
    console.log(figures);
    if (first.seconds > MUST_SECONDS) console.log(`NOT AS EXPECTED: more than ${MUST_SECONDS} s`);
    await writeResults('seed', figures);
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 10 });
  }
}

if (import.meta.main) await main();
