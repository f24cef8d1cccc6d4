import { PgBoss, type SendOptions } from 'pg-boss';
import type { Database } from '../db/index.ts';
import type { Log } from '../log.ts';

export { type Background, type Round, workInBackground } from './background.ts';

export type Jobs = {
  /** Answers the job's id; null when one with the same singleton key already waits. */
  send(name: string, data: object, options?: SendOptions): Promise<string | null>;
  /** So many jobs at a time in this process (one); a thrown error sends it back for a retry. */
  work(
    name: string,
    handler: (data: object, signal: AbortSignal) => Promise<unknown>,
    atATime?: number,
  ): Promise<void>;
  schedule(name: string, cron: string, data: object): Promise<void>;
  stop(): Promise<void>;
};

/**
 * A queue's jobs: at most one of a name waits, it is tried again three times, and it has an hour. One whose
 * process died is handed out again when its heartbeats stop.
 */
const QUEUE = {
  policy: 'stately',
  retryLimit: 3,
  retryDelay: 5,
  retryBackoff: true,
  expireInSeconds: 3600,
  heartbeatSeconds: 30,
} as const;

/** pg-boss over the pool that everything else uses: the queue is in the same database as the truth. */
export async function openJobs(db: Pick<Database, 'pool'>, log: Log): Promise<Jobs> {
  const boss = new PgBoss({
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    db: { executeSql: (text, values) => db.pool.query(text, values as unknown[]) },
  });
  boss.on('error', (error) => log.warn({ err: error }, 'job queue'));
  await boss.start();
  const queue = async (name: string) => {
    await boss.createQueue(name, QUEUE);
  };
  return {
    async send(name, data, options = {}) {
      await queue(name);
      return boss.send(name, data, options);
    },
    async work(name, handler, atATime = 1) {
      await queue(name);
      const options = { pollingIntervalSeconds: 1, localConcurrency: atATime };
      await boss.work<object>(name, options, async ([job]) => {
        if (!job) return;
        log.debug({ job: job.id, name }, 'job begins');
        await handler(job.data, job.signal);
      });
    },
    async schedule(name, cron, data) {
      await queue(name);
      await boss.schedule(name, cron, data);
    },
    stop: () => boss.stop({ graceful: true, timeout: 10_000, close: false }),
  };
}
