import { setTimeout as sleep } from 'node:timers/promises';
import type { LevelChange } from '../catalog/index.ts';
import { ITEM_STATUS } from '../catalog/types.ts';
import { query } from '../db/index.ts';
import type { ClassificationParts } from './batch.ts';
import { classificationQueue } from './queue.ts';
import { type ClassificationReport, classificationReport } from './report.ts';
import { openRounds } from './rounds.ts';

export type ClassifyReport = ClassificationReport & {
  classified: number;
  failed: number;
  seconds: number;
  applied: boolean;
  /** Items by `from→to` of effective levels; what is only listed acts with `--apply`. */
  changes: Record<string, number>;
  /** The first of them. */
  listed: LevelChange[];
};

const LISTED = 1_000;

/**
 * Classifies what the judge has not seen, failures included, then lists what would come to another level by its
 * evidence or by the thresholds in force, and with `apply` lets it.
 * @param all items with a level of their own too
 * @param share of one processor; 1 = as fast as it goes
 */
export async function classifyNow(
  parts: ClassificationParts,
  { all, apply, share }: { all: boolean; apply: boolean; share: number },
  progress: (fraction: number, note: string) => void,
): Promise<ClassifyReport> {
  const began = performance.now();
  const { db, catalog, judge } = parts;
  await classificationQueue(db, all).retryAll();
  const total = await unseen(parts, all);
  const rounds = openRounds(parts, all);
  const { signal } = new AbortController();
  let [classified, failed] = [0, 0];
  for (;;) {
    const started = performance.now();
    const round = await rounds.next(signal);
    classified += round.classified;
    failed += round.failed;
    progress((classified + failed) / Math.max(1, total), `${classified} classified, ${failed} failed`);
    if (round.idle) break;
    if (share < 1) await sleep((performance.now() - started) * (1 / share - 1));
  }
  const changes: Record<string, number> = {};
  const listed: LevelChange[] = [];
  await catalog.rejudge(judge.id, apply, (found) => {
    for (const { from, to } of found) changes[`${from}→${to}`] = (changes[`${from}→${to}`] ?? 0) + 1;
    listed.push(...found.slice(0, LISTED - listed.length));
  });
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  return {
    ...{ classified, failed, seconds, applied: apply, changes, listed },
    ...(await classificationReport(db, judge.id)),
  };
}

async function unseen({ db, judge }: ClassificationParts, all: boolean): Promise<number> {
  const [row] = await query<{ n: string }>(
    db,
    `select count(*) as n from items i where i.status = ${ITEM_STATUS.live} and i.url <> '' and (i.classify or $2)
       and not exists (select 1 from item_evidence e where e.item_ref = i.ref and e.judge = $1)`,
    [judge.id, all],
  );
  return Number(row?.n ?? 0);
}
