import type { Database } from '../../db/index.ts';
import { HamletError } from '../../errors.ts';
import type { OffPolicyReport } from './estimate.ts';
import { judgeInWorker } from './judge-in-worker.ts';
import { readDrawnLists, type Which } from './read.ts';
import { type AskedTarget, targetFrom } from './target.ts';

export type OffPolicy = (
  which: Which,
  target: AskedTarget,
  progress?: (fraction: number) => void,
) => Promise<OffPolicyReport>;

/**
 * What another order of the same lists would have been clicked, from the lists that were drawn. One at a
 * time in a process: each takes a core.
 *
 * @throws HamletError `no-support`, `target-unsound` (422), `already-running` (409)
 */
export function openOffPolicy(db: Database): OffPolicy {
  let busy = false;
  return async (which, asked, progress = () => {}) => {
    const target = targetFrom(asked);
    if (busy)
      throw new HamletError('already-running', 409, 'Another target is being judged.', { retryAfter: 10 });
    busy = true;
    try {
      const lists = await readDrawnLists(db, which);
      if (lists.length > 0) return await judgeInWorker(lists, target, progress);
    } finally {
      busy = false;
    }
    throw new HamletError(
      'no-support',
      422,
      'No list of the period was drawn (DRAW_SHARE): 100 % is without support.',
    );
  };
}
