import { setTimeout as sleep } from 'node:timers/promises';
import { query } from '../db/index.ts';
import type { Log } from '../log.ts';
import { type EmbeddingParts, embedClaims } from './batch.ts';
import { claimDue, claimNew, type Position } from './queue.ts';
import { embedByShowcases } from './showcases.ts';

/** Pictures between two looks at the clock; few, so that a stop waits for little. */
const BATCH = 32;
const POLL_MS = 1_000;
/** Looking for models to be seen by their showcases reads all models without a vector. */
const SHOWCASES_MS = 60_000;
const PAUSE_AFTER_FAILURE_MS = 30_000;

export type Embedder = { stop(): Promise<void> };

/**
 * Gives each item with a picture and without a content vector its vector, in the background. Where it is lies
 * in the database alone: an item without a vector is one to be done, so killing it loses at most a batch.
 * Several processes share the work.
 * @param share of one processor that it takes
 */
export function embedInBackground(parts: EmbeddingParts, log: Log, share: number): Embedder {
  const stopping = new AbortController();
  const { signal } = stopping;
  const rest = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});

  async function run(): Promise<void> {
    const forgotten = await parts.catalog.forgetOthers('clip', parts.encoder.id);
    if (forgotten > 0)
      log.warn({ forgotten, encoder: parts.encoder.id }, 'content vectors of another CLIP model dropped');
    const rounds = openRounds(parts);
    while (!signal.aborted) {
      const began = performance.now();
      const { embedded, failed, idle } = await rounds.next(signal);
      if (embedded + failed > 0) log.debug({ embedded, failed }, 'pictures embedded');
      const worked = performance.now() - began;
      await rest(idle ? POLL_MS : worked * (1 / share - 1));
    }
  }

  async function keepRunning(): Promise<void> {
    while (!signal.aborted) {
      await run().catch(async (error) => {
        if (signal.aborted) return;
        log.warn({ err: error, retryInMs: PAUSE_AFTER_FAILURE_MS }, 'pictures wait to be embedded');
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

export type Round = { embedded: number; failed: number; idle: boolean };
const NOTHING: Round = { embedded: 0, failed: 0, idle: true };

/** One batch after the other: what is due again first, then what is new, then models by their showcases. */
export function openRounds(
  parts: EmbeddingParts,
  batch = BATCH,
): { next(signal: AbortSignal): Promise<Round> } {
  const { db, encoder } = parts;
  let from: Position = { version: 0, ref: 0 };
  let seen = -1;
  const showcases = { seen: -1, at: 0 };

  return {
    async next(signal) {
      const due = await claimDue(db, encoder.id, batch);
      if (due.length > 0) return { ...(await embedClaims(parts, due, signal)), idle: false };
      // Read before the items: what changes while they are read has a later version.
      const clock = await catalogueClock(parts);
      if (clock !== seen) {
        const { claims, next, done } = await claimNew(db, encoder.id, from, batch);
        from = next;
        if (claims.length > 0) return { ...(await embedClaims(parts, claims, signal)), idle: false };
        if (!done) return { embedded: 0, failed: 0, idle: false };
        seen = clock;
      }
      if (clock === showcases.seen || Date.now() - showcases.at < SHOWCASES_MS) return NOTHING;
      const embedded = await embedByShowcases(parts);
      if (embedded > 0) return { embedded, failed: 0, idle: false };
      Object.assign(showcases, { seen: clock, at: Date.now() });
      return NOTHING;
    },
  };
}

async function catalogueClock({ db }: EmbeddingParts): Promise<number> {
  const [row] = await query<{ value: string }>(db, "select value from clocks where name = 'catalogue'", []);
  return Number(row?.value ?? 0);
}
