import type { Static } from 'typebox';
import type { Work } from '../../../schemas/admin.ts';
import type { ItemKind } from '../../catalog/types.ts';
import { HamletError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Maintenance } from '../ports.ts';

export type TaskName = 'reindex' | 'sweep';
export type Task = Static<typeof Work>;

/** Work on a vector index, one task a kind at a time; in memory, because the index may be this process's own. */
export function openTasks(maintenance: Maintenance, log: Log) {
  const last = new Map<string, Task>();

  function start(task: TaskName, kind: ItemKind): Task {
    const running = [...last.values()].find((one) => one.kind === kind && one.state === 'running');
    if (running)
      throw new HamletError('already-running', 409, `A ${running.task} of this kind is running.`, {
        retryAfter: 10,
      });
    const work: Task = {
      task,
      kind,
      state: 'running',
      startedAt: new Date().toISOString(),
      finishedAt: null,
      progress: 0,
    };
    last.set(`${task} ${kind}`, work);
    void run(work);
    return work;
  }

  async function run(work: Task): Promise<void> {
    try {
      const progress = (fraction: number) => {
        work.progress = Math.min(1, Math.max(0, fraction));
      };
      const result = await (work.task === 'reindex'
        ? maintenance.reindex(work.kind, progress)
        : maintenance.sweep(work.kind));
      Object.assign(work, { state: 'done', progress: 1, result: { ...result } });
    } catch (error) {
      log.error({ err: error, task: work.task, kind: work.kind }, 'maintenance failed');
      Object.assign(work, { state: 'failed', error: error instanceof HamletError ? error.code : 'internal' });
    }
    work.finishedAt = new Date().toISOString();
  }

  return { start, list: () => [...last.values()] };
}
