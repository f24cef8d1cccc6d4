import { catalogueClock, type Position } from '../catalog/index.ts';
import { type Background, type Round, workInBackground } from '../jobs/index.ts';
import type { Log } from '../log.ts';
import { type EmbeddingParts, embedClaims } from './batch.ts';
import { embeddingQueue } from './queue.ts';
import { embedByShowcases } from './showcases.ts';

/** Pictures between two looks at the clock; few, so that a stop waits for little. */
const BATCH = 32;
/** Looking for models to be seen by their showcases reads all models without a vector. */
const SHOWCASES_MS = 60_000;

/**
 * Gives each item with a picture and without a content vector its vector, in the background. Where it is lies
 * in the database alone: an item without a vector is one to be done, so killing it loses at most a batch.
 * Several processes share the work.
 * @param share of one processor that it takes
 */
export const embedInBackground = (parts: EmbeddingParts, log: Log, share: number): Background =>
  workInBackground({ name: 'pictures are embedded', share, log }, async () => {
    const forgotten = await parts.catalog.forgetOthers('clip', parts.encoder.id);
    if (forgotten > 0)
      log.warn({ forgotten, encoder: parts.encoder.id }, 'content vectors of another CLIP model dropped');
    return openRounds(parts);
  });

type Embedded = Round & { embedded: number; failed: number };
const NOTHING: Embedded = { embedded: 0, failed: 0, idle: true };

/** One batch after the other: what is due again first, then what is new, then models by their showcases. */
export function openRounds(
  parts: EmbeddingParts,
  batch = BATCH,
): { next(signal: AbortSignal): Promise<Embedded> } {
  const { db, encoder } = parts;
  const queue = embeddingQueue(db);
  let from: Position = { version: 0, ref: 0 };
  let seen = -1;
  const showcases = { seen: -1, at: 0 };

  return {
    async next(signal) {
      const due = await queue.claimDue(encoder.id, batch);
      if (due.length > 0) return { ...(await embedClaims(parts, due, signal)), idle: false };
      // Read before the items: what changes while they are read has a later version.
      const clock = await catalogueClock(db);
      if (clock !== seen) {
        const { claims, next, done } = await queue.claimNew(encoder.id, from, batch);
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
