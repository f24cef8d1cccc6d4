import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { placeLoras } from './places.ts';

const LOOK_MS = 30_000;

/** Looks every half minute whether another space is in force, or none any more. Repeats on several replicas are harmless. */
export function keepPlaces(parts: Parameters<typeof placeLoras>[0], log: Log): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const looking = look();

  async function look(): Promise<void> {
    let before: string | null | undefined;
    while (!stopping.signal.aborted) {
      try {
        const space = await placeLoras(parts);
        if (space !== before && (space !== null || before !== undefined))
          log.info({ space }, 'LoRAs are placed in another space of weights');
        before = space;
      } catch (error) {
        log.warn({ err: error }, 'places of LoRAs not looked at');
      }
      await sleep(LOOK_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
    }
  }

  return {
    async stop() {
      stopping.abort();
      await looking;
    },
  };
}
