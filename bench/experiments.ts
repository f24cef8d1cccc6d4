import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../src/db/index.ts';
import { type Experiment, openExperiments } from '../src/experiments/index.ts';
import { silentLog } from '../src/log.ts';
import { timeExposures } from './experiments-exposure.ts';
import { fillLog } from './experiments-log.ts';
import { writeResults } from './machine.ts';

/**
 * What experiments cost: an assignment, an exposure, and a report over many exposures.
 *   node bench/experiments.ts             a million exposures
 *   node bench/experiments.ts 10000000    the figure of bench/experiments.md; 10 GB of disk
 */
const ASSIGNMENTS = 1_000_000;

export async function main(exposures = 1_000_000): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'hamlet-bench-'));
  const db = await openDatabase({ DATABASE_URL: '', DATABASE_POOL: 8, HAMLET_HOME: home }, silentLog);
  try {
    const experiments = await openExperiments({
      ...{ db, graphs: { pin: async () => {} }, config: { HAMLET_HOME: home }, log: silentLog },
    });
    const experiment = await startOne(db, experiments);
    const assignment = await timeAssignment(experiments.assign);
    console.log(`an assignment: ${assignment.toFixed(2)} µs`);
    const exposure = await timeExposures(db);
    console.log(
      `a list's log entry, p50: ${exposure.without} ms, within an experiment ${exposure.within} ms`,
    );
    const filled = await fillLog(db, experiment, exposures);
    console.log(`log of ${exposures} exposures and ${filled.events} events made in ${filled.seconds} s`);
    const report = await timeReport(experiments, experiment.key);
    console.log(`a report over them: ${report.seconds} s, this process grew by ${report.grewMB} MB at most`);
    await writeResults('experiments', { assignmentMicroseconds: assignment, exposure, log: filled, report });
    experiments.close();
  } finally {
    await db.close();
    await rm(home, { recursive: true, force: true, maxRetries: 10 }).catch(() => {});
  }
}

type Experiments = Awaited<ReturnType<typeof openExperiments>>;

async function startOne(db: Database, experiments: Experiments): Promise<Experiment> {
  await experiments.put('bench', {
    hypothesis: 'None; this is a benchmark.',
    variants: [
      { key: 'control', weight: 0.5 },
      { key: 'other', weight: 0.5, overrides: { redundancyCost: 1 } },
    ],
    metrics: {
      ...{ primary: 'ctr', secondary: ['like-rate', 'sessions', 'time-to-first-like', 'diversity'] },
      guardrails: [
        { metric: 'hide-rate', maxHarm: 0.1 },
        { metric: 'latency', maxHarm: 0.5 },
      ],
    },
  });
  await experiments.start('bench');
  // The log that is filled in lies in the past.
  await db.pool.query(
    `update experiment_versions set started_at = now() - interval '14 days' where key = 'bench'`,
  );
  return experiments.get('bench');
}

async function timeAssignment(assign: Experiments['assign']): Promise<number> {
  const known = { attributes: {}, preferences: {}, seen: new Set<number>() };
  const people = Array.from({ length: 10_000 }, (_, n) => ({ id: `user-${n}`, ...known }));
  for (const person of people) await assign(person, 'home', 'image');
  const began = performance.now();
  for (let n = 0; n < ASSIGNMENTS; n++) await assign(people[n % people.length]!, 'home', 'image');
  return Math.round(((performance.now() - began) * 1e5) / ASSIGNMENTS) / 100;
}

async function timeReport(experiments: Experiments, key: string) {
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 50);
  const began = performance.now();
  const report = await experiments.report(key);
  clearInterval(watch);
  const people = report.mode === 'ab' ? report.people.map(({ seen }) => seen) : [];
  return {
    seconds: Math.round((performance.now() - began) / 100) / 10,
    grewMB: Math.round((most - before) / 2 ** 20),
    people,
  };
}

if (import.meta.main) await main(Number(process.argv[2] ?? 1_000_000));
