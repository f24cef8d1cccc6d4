import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { TRAININGS } from '../../schemas/training.ts';
import type { Database } from '../db/index.ts';
import { badInput } from '../errors.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Log } from '../log.ts';
import { noSidecar, type Sidecars } from '../sidecar/index.ts';
import { follow } from './follow.ts';
import { type Offer, type Prepare, prepareInputs } from './prepare.ts';
import {
  abandonedTrainings,
  addTraining,
  type Beside,
  countTrainings,
  getTraining,
  listTrainings,
  requestCancel,
} from './store.ts';
import { tidy } from './tidy.ts';
import { TIMES, type Times, type Training } from './types.ts';

export { writeSnapshot } from './snapshot/write.ts';
export type { Beside } from './store.ts';
export type { Training } from './types.ts';

const QUEUE = 'training';
/** A training may take a day; it comes back as often as its api dies, which ten seconds of silence mean. */
const PUSH = {
  ...{ expireInSeconds: 86_000, heartbeatSeconds: 10 },
  ...{ retryLimit: 1000, retryDelay: 2, retryBackoff: false },
};
const SWEEP_MS = 30_000;
const TIDY_MS = 3_600_000;
const LARGEST_SPEC = 64 * 1024;

export type Trainings = {
  /** Checks the spec, stores it with what belongs `beside` it, and queues it. */
  start(kind: string, spec: Record<string, unknown>, beside?: Beside): Promise<Training>;
  get(id: string): Promise<Training>;
  list(): Promise<Training[]>;
  cancel(id: string): Promise<Training>;
  counts(): Promise<{ kind: string; state: string; code: string; count: number }[]>;
  faults: Sidecars['faults'];
  stop(): void;
};

/**
 * Trainings on the sidecars. The queue hands each to some api process; what may happen to it then is in
 * follow.ts. As many are carried at a time as there are sidecars.
 */
export async function openTrainings(parts: {
  db: Database;
  jobs: Jobs;
  sidecars: Sidecars;
  home: string;
  log: Log;
  kinds?: Record<string, TSchema>;
  times?: Partial<Times>;
  /** Settles what a spec leaves to the moment it begins, beside the snapshot; null where there is nothing. */
  prepare?: Prepare;
  /** What some kinds are given beside a snapshot. */
  offer?: Offer;
}): Promise<Trainings> {
  const { db, jobs, sidecars, home, log, kinds = TRAININGS } = parts;
  const times = { ...TIMES, ...parts.times };
  const stopping = new AbortController();
  const push = (id: string) => jobs.send(QUEUE, { id }, { ...PUSH, singletonKey: id });

  if (sidecars.count > 0)
    await jobs.work(
      QUEUE,
      (data, signal) =>
        follow(
          {
            db,
            home,
            sidecars,
            prepare: (held) => prepareInputs({ ...parts, times }, held),
            times,
            log,
          },
          (data as { id: string }).id,
          AbortSignal.any([signal, stopping.signal]),
        ),
      sidecars.count,
    );
  const sweep = async () => {
    for (const id of await abandonedTrainings(db, times.lease)) await push(id);
  };
  const regularly = (work: () => Promise<void>, ms: number) => {
    const timer = setInterval(() => void work().catch((err) => log.warn({ err }, 'trainings not swept')), ms);
    return timer.unref();
  };
  const timers = [regularly(sweep, SWEEP_MS), regularly(() => tidy(db, home), TIDY_MS)];
  await sweep();
  await tidy(db, home);

  return {
    /** @throws HamletError `kind-unknown`, `spec-invalid`, `spec-too-large` (400), `sidecar-unavailable` (503) */
    async start(kind, spec, beside) {
      if (sidecars.count === 0) throw noSidecar();
      checkSpec(kinds, kind, spec);
      const training = await addTraining(db, kind, spec, beside);
      await push(training.id);
      return training;
    },
    get: (id) => getTraining(db, id),
    list: () => listTrainings(db),
    cancel: (id) => requestCancel(db, id),
    counts: () => countTrainings(db),
    faults: sidecars.faults,
    stop() {
      for (const timer of timers) clearInterval(timer);
      stopping.abort();
    },
  };
}

function checkSpec(kinds: Record<string, TSchema>, kind: string, spec: object): void {
  const schema = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (schema === undefined)
    throw badInput('kind-unknown', `There are ${Object.keys(kinds).join(', ')}.`, '/kind');
  if (JSON.stringify(spec).length > LARGEST_SPEC)
    throw badInput('spec-too-large', `A spec has at most ${LARGEST_SPEC} characters.`, '/spec');
  const [fault] = Compile(schema).Errors(spec);
  if (fault) throw badInput('spec-invalid', fault.message, `/spec${fault.instancePath}`);
}
