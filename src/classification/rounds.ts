import { catalogueClock, type Position } from '../catalog/index.ts';
import { type Background, type Round, workInBackground } from '../jobs/index.ts';
import type { Log } from '../log.ts';
import { type ClassificationParts, classifyClaims } from './batch.ts';
import { classificationQueue } from './queue.ts';
import { classifyByShowcases } from './showcases.ts';

/** Pictures at once: few, since each may be of several megabytes and a stop waits for them. */
const BATCH = 8;
/** Looking for models to be judged by their showcases reads all models that wait. */
const SHOWCASES_MS = 10_000;

export type Classified = Round & { classified: number; failed: number };
const NOTHING: Classified = { classified: 0, failed: 0, idle: true };

/** Gives each item that waits for it its evidence, in the background; as `embedInBackground`. */
export const classifyInBackground = (parts: ClassificationParts, log: Log, share: number): Background =>
  workInBackground({ name: 'pictures are classified', share, log }, async () => openRounds(parts));

/** One batch after the other: what is due again first, then what is new, then models by their showcases. */
export function openRounds(
  parts: ClassificationParts,
  all = false,
): { next(signal: AbortSignal): Promise<Classified> } {
  const { db, judge } = parts;
  const queue = classificationQueue(db, all);
  let from: Position = { version: 0, ref: 0 };
  let seen = -1;
  const showcases = { seen: -1, at: 0 };

  return {
    async next(signal) {
      const due = await queue.claimDue(judge.id, BATCH);
      if (due.length > 0) return { ...(await classifyClaims(parts, queue, due, signal)), idle: false };
      // Read before the items: what changes while they are read has a later version.
      const clock = await catalogueClock(db);
      if (clock !== seen) {
        const { claims, next, done } = await queue.claimNew(judge.id, from, BATCH);
        from = next;
        if (claims.length > 0)
          return { ...(await classifyClaims(parts, queue, claims, signal)), idle: false };
        if (!done) return { classified: 0, failed: 0, idle: false };
        seen = clock;
      }
      if (clock === showcases.seen || Date.now() - showcases.at < SHOWCASES_MS) return NOTHING;
      const classified = await classifyByShowcases(parts, all);
      if (classified > 0) return { classified, failed: 0, idle: false };
      Object.assign(showcases, { seen: clock, at: Date.now() });
      return NOTHING;
    },
  };
}
