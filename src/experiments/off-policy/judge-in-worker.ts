import { Worker } from 'node:worker_threads';
import { HamletError } from '../../errors.ts';
import type { OffPolicyReport } from './estimate.ts';
import type { Message } from './judge-worker.ts';
import type { LoggedList, Target } from './types.ts';

/** `judge` off the event loop: a list takes about ten milliseconds. @throws what it throws */
export function judgeInWorker(
  lists: LoggedList[],
  target: Target,
  progress: (fraction: number) => void,
): Promise<OffPolicyReport> {
  const worker = new Worker(new URL('./judge-worker.ts', import.meta.url), { workerData: { lists, target } });
  return new Promise((resolve, reject) => {
    worker.on('message', (message: Message) => {
      if ('fraction' in message) progress(message.fraction);
      else if ('report' in message) resolve(message.report);
      else reject(new HamletError(message.refused.code, message.refused.status, message.refused.message));
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`the judging thread ended early (${code})`)));
  });
}
