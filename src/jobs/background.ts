import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';

const POLL_MS = 1_000;
const PAUSE_AFTER_FAILURE_MS = 30_000;

export type Background = { stop(): Promise<void> };
/** One piece of work; `idle` when there was none. */
export type Round = { idle: boolean };

/**
 * Rounds of work, one after the other, for as long as the process lives: rests so that it takes no more than its
 * share of a processor, looks again each second when there is nothing, begins anew a while after a failure.
 * @param share of one processor; 0 never works
 * @param open what a beginning does; its rounds should be short, a stop waits for one
 */
export function workInBackground(
  { name, share, log }: { name: string; share: number; log: Log },
  open: () => Promise<{ next(signal: AbortSignal): Promise<Round> }>,
): Background {
  const stopping = new AbortController();
  const { signal } = stopping;
  const rest = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});

  async function run(): Promise<void> {
    const rounds = await open();
    while (!signal.aborted) {
      const began = performance.now();
      const { idle, ...done } = await rounds.next(signal);
      if (!idle) log.debug(done, name);
      const worked = performance.now() - began;
      await rest(idle ? POLL_MS : worked * (1 / share - 1));
    }
  }

  async function keepRunning(): Promise<void> {
    while (!signal.aborted) {
      await run().catch(async (error) => {
        if (signal.aborted) return;
        log.warn({ err: error, retryInMs: PAUSE_AFTER_FAILURE_MS }, `${name} later`);
        await rest(PAUSE_AFTER_FAILURE_MS);
      });
    }
  }

  const running = share > 0 ? keepRunning() : Promise.resolve();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
