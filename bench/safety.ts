import { writeResults } from './machine.ts';
import { measureBackfill } from './safety/backfill.ts';
import { measureFlips } from './safety/flips.ts';

/**
 * Safety while things change: whether an unsafe item is ever served while levels flip, and what a backfill costs
 * those who are served meanwhile. What classifiers are worth is `npx hamlet safety check` (bench/safety.md).
 *   node bench/safety.ts        BENCH_SECONDS=6 of each window
 */
export async function main(): Promise<void> {
  const flips = await measureFlips();
  console.log(JSON.stringify(flips));
  const backfill = await measureBackfill(Number(process.env.BENCH_SECONDS ?? 6));
  console.log(JSON.stringify(backfill, null, 2));
  await writeResults('safety', { flips, backfill });
}

if (import.meta.main) await main();
