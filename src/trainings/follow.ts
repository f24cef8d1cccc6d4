import { setTimeout as sleep } from 'node:timers/promises';
import type { JobStatus } from '../../schemas/sidecar.ts';
import type { Database } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Sidecar, Sidecars } from '../sidecar/index.ts';
import { commitEnd, commitResult } from './commit.ts';
import { beginAttempt, releaseLease, renew, report, takeLease } from './lease.ts';
import { getTraining } from './store.ts';
import { type Held, isFinal, type Times } from './types.ts';

export type FollowParts = {
  db: Database;
  home: string;
  sidecars: Sidecars;
  /** Settles what the first attempt and all later ones see. */
  prepare: (held: Held) => Promise<Held>;
  times: Times;
  log: Log;
};

const MOST_ATTEMPTS = 10;
/** Ends of an attempt that say nothing about the job: the next one goes on from its checkpoint. */
const LOST = new Set([
  'sidecar-unreachable',
  'sidecar-busy',
  'job-unknown',
  'killed',
  'crashed',
  'lease-lost',
  'checkpoint-busy',
]);

/**
 * Carries one training to its end: takes its lease, pushes it to a sidecar, watches, commits. May be called for
 * the same training by any number of processes, and again after any of them died.
 */
export async function follow(parts: FollowParts, id: string, signal: AbortSignal): Promise<void> {
  const held = await waitForLease(parts, id, signal);
  if (held === undefined) return;
  try {
    await carryOut(parts, held, signal);
  } catch (error) {
    if (signal.aborted) await releaseLease(parts.db, held);
    else if (codeOf(error) === 'training-taken') return;
    else if (codeOf(error) !== 'database-unavailable') return fail(parts, held, error);
    throw error;
  }
}

async function fail({ db, log }: FollowParts, held: Held, error: unknown): Promise<void> {
  const { message } = error as Error;
  log.error({ err: error, training: held.id }, 'training failed');
  await commitEnd(db, held, 'failed', { code: codeOf(error), message });
}

const codeOf = (error: unknown) => (error instanceof HamletError ? error.code : 'internal');

async function waitForLease({ db, times }: FollowParts, id: string, signal: AbortSignal) {
  for (;;) {
    const held = await takeLease(db, id, times.lease);
    if (held || isFinal((await getTraining(db, id)).state)) return held;
    await sleep(times.poll, undefined, { signal });
  }
}

async function carryOut(parts: FollowParts, first: Held, signal: AbortSignal): Promise<void> {
  const { db, home, times } = parts;
  let held = await parts.prepare(first);
  for (;;) {
    if (held.cancelRequested) return commitEnd(db, held, 'cancelled', null);
    const sidecar = await findSidecar(parts, held, signal);
    if (sidecar === undefined) return commitEnd(db, held, 'cancelled', null);
    if (!(await isThere(sidecar, held))) held = await beginAttempt(db, held, sidecar.address, times.lease);
    const end = await attempt(parts, sidecar, held, signal).catch(lossOrThrow);
    if (end.state === 'done') return commitResult(db, home, held, end);
    if (end.state === 'cancelled') return commitEnd(db, held, 'cancelled', null);
    const reason = end.error ?? { code: 'job-error', message: 'no reason was given' };
    if (!LOST.has(reason.code)) return commitEnd(db, held, 'failed', reason);
    if (held.attempt >= MOST_ATTEMPTS)
      return commitEnd(db, held, 'failed', {
        code: reason.code,
        message: `${MOST_ATTEMPTS} attempts were lost, the last one so: ${reason.message}`,
      });
    held = await renew(db, held, `attempt ${held.attempt} was lost: ${reason.message}`, times.lease);
    await sleep(times.poll, undefined, { signal });
  }
}

/** Waits, within reason, for one that can; undefined when the training is cancelled meanwhile. */
async function findSidecar({ db, sidecars, times }: FollowParts, held: Held, signal: AbortSignal) {
  for (const end = Date.now() + times.patience; ; await sleep(4 * times.poll, undefined, { signal })) {
    try {
      return await sidecars.choose(held.kind, held.sidecar);
    } catch (error) {
      if (!(error instanceof HamletError) || Date.now() > end) throw error;
      const { cancelRequested } = await renew(db, held, error.message, times.lease);
      if (cancelRequested) return undefined;
    }
  }
}

/** Whether this very attempt runs, or has ended, on that sidecar: then it is taken over as it is. */
async function isThere(sidecar: Sidecar, held: Held): Promise<boolean> {
  if (held.attempt === 0 || held.sidecar !== sidecar.address) return false;
  const status = await sidecar.status(held.id, held.fence).catch(lossOrThrow);
  return status.attempt === held.attempt && !(status.error && LOST.has(status.error.code));
}

/** Pushes the attempt (a repeat changes nothing) and answers how it ended. */
async function attempt(
  { db, times }: FollowParts,
  sidecar: Sidecar,
  held: Held,
  signal: AbortSignal,
): Promise<JobStatus> {
  const { id, kind, spec, attempt, fence } = held;
  await sidecar.submit({ id, kind, spec, attempt, fence, leaseSeconds: times.sidecarLease / 1000 });
  let answered = Date.now();
  let cancelRequested = false;
  for (;;) {
    try {
      const status = await (cancelRequested ? sidecar.cancel(id, fence) : sidecar.status(id, fence));
      answered = Date.now();
      ({ cancelRequested } = await report(db, held, status, times.lease));
      // A sidecar that is shut down cancels its job, which nobody asked for: the attempt is lost.
      if (status.state === 'cancelled' && !cancelRequested) return { ...status, ...STOPPED };
      if (isFinal(status.state)) return status;
      if (cancelRequested) continue;
    } catch (error) {
      const silent = codeOf(error) === 'sidecar-unreachable';
      if (!silent || Date.now() - answered > times.unreachable) throw error;
      await renew(db, held, (error as Error).message, times.lease);
    }
    await sleep(times.poll, undefined, { signal });
  }
}

/** A lost attempt, in the shape of one that failed. */
function lossOrThrow(error: unknown): Pick<JobStatus, 'state' | 'error' | 'attempt'> & JobStatus {
  if (!(error instanceof HamletError) || !LOST.has(error.code)) throw error;
  const { code, message } = error;
  return { ...NOTHING, error: { code, message } };
}

const STOPPED = {
  state: 'failed',
  error: { code: 'job-unknown', message: 'the sidecar was stopped' },
} as const;

const NOTHING: JobStatus = {
  ...{ id: '', kind: '', attempt: 0, state: 'failed', progress: 0 },
  ...{ metrics: {}, log: [], result: null, error: null },
};
