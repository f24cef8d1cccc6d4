import { setTimeout as sleep } from 'node:timers/promises';
import type { TSchema } from 'typebox';
import { loadConfig } from '../../src/config.ts';
import type { Database } from '../../src/db/index.ts';
import { openJobs } from '../../src/jobs/index.ts';
import { silentLog } from '../../src/log.ts';
import { openSidecars } from '../../src/sidecar/index.ts';
import { openTrainings, type Training, type Trainings } from '../../src/trainings/index.ts';
import type { Prepare } from '../../src/trainings/prepare.ts';
import type { Times } from '../../src/trainings/types.ts';
import { TEST_KINDS } from './sidecar.ts';

/** What an api process has of trainings, with the tests' kinds unless others are given. Closed at the end of the test. */
export async function openTestTrainings(
  t: { teardown(fn: () => unknown): void },
  db: Database,
  home: string,
  urls: string[],
  options: {
    times?: Partial<Times>;
    token?: string;
    kinds?: Record<string, TSchema>;
    prepare?: Prepare;
  } = {},
): Promise<Trainings> {
  const jobs = await openJobs(db, silentLog);
  const config = loadConfig({}, { SIDECAR_URL: urls.join(','), SIDECAR_TOKEN: options.token ?? '' });
  const sidecars = openSidecars(config, silentLog);
  const times = { poll: 50, ...options.times };
  const trainings = await openTrainings({
    db,
    jobs,
    sidecars,
    home,
    log: silentLog,
    kinds: options.kinds ?? TEST_KINDS,
    times,
    ...(options.prepare && { prepare: options.prepare }),
  });
  t.teardown(async () => {
    trainings.stop();
    await jobs.stop();
  });
  return trainings;
}

export async function until(
  trainings: Pick<Trainings, 'get'>,
  id: string,
  condition: (training: Training) => boolean,
  ms = 120_000,
): Promise<Training> {
  for (const end = Date.now() + ms; ; await sleep(50)) {
    const training = await trainings.get(id);
    if (condition(training)) return training;
    if (Date.now() > end) throw new Error(`not in time: ${JSON.stringify(training)}`);
  }
}

export const over = (training: Training) => training.finishedAt !== null;
export const atStep = (step: number) => (training: Training) => (training.metrics.step ?? 0) >= step;
