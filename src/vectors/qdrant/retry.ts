import { setTimeout as sleep } from 'node:timers/promises';
import { unavailable } from '../../errors.ts';
import { failureOf } from './failure.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Tries again after what may pass: a lost connection, 429, 5xx. Pauses double and are drawn whole
 * from [0, pause] ("full jitter", Brooker 2015), so that replicas do not come back in step; a server's
 * own Retry-After is waited for. Whatever happens, it is over after `patienceMs`: everything Hamlet asks
 * of Qdrant may be asked twice, so a try given up half-way does no harm.
 */
export async function patiently<T>(patienceMs: number, attempt: () => Promise<T>): Promise<T> {
  const end = performance.now() + patienceMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
    try {
      return await within(end - performance.now(), attempt());
    } catch (thrown) {
      const { error, passing, retryAfterMs = Math.random() * pauseMs } = failureOf(thrown);
      if (!passing || performance.now() + retryAfterMs >= end) throw error;
      await sleep(retryAfterMs);
    }
  }
}

async function within<T>(ms: number, pending: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(unavailable('vectors-unavailable', 'Qdrant does not answer in time.')),
      ms,
    );
  });
  pending.catch(() => {});
  return Promise.race([pending, late]).finally(() => clearTimeout(timer));
}
