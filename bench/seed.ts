import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../src/config.ts';
import { openDatabase } from '../src/db/index.ts';
import { silentLog } from '../src/log.ts';
import { runHamlet } from '../test/support/api-process.ts';
import { writeResults } from './machine.ts';

/** `npx hamlet seed` into an empty database of its own, and again into the full one. */
const MUST_SECONDS = 60;

export async function main(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'hamlet-seed-'));
  try {
    const first = await runHamlet(home, ['seed']);
    const again = await runHamlet(home, ['seed']);
    const { seconds, peakMB } = first;
    const figures = { seconds, peakMB, againSeconds: again.seconds, databaseMB: await databaseMB(home) };
    console.log(figures);
    if (first.seconds > MUST_SECONDS) console.log(`NOT AS EXPECTED: more than ${MUST_SECONDS} s`);
    await writeResults('seed', figures);
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function databaseMB(home: string): Promise<number> {
  const db = await openDatabase(loadConfig({}, { HAMLET_HOME: home }), silentLog);
  try {
    const { rows } = await db.pool.query<{ bytes: string }>(
      'select pg_database_size(current_database()) as bytes',
    );
    return Math.round(Number(rows[0]!.bytes) / 2 ** 20);
  } finally {
    await db.close();
  }
}

if (import.meta.main) await main();
