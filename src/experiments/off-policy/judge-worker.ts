import { parentPort, workerData } from 'node:worker_threads';
import { HamletError } from '../../errors.ts';
import type { OffPolicyReport } from './estimate.ts';
import { judge } from './judge.ts';
import type { LoggedList, Target } from './types.ts';

/** An error's class does not survive the way between threads. */
export type Message =
  | { fraction: number }
  | { report: OffPolicyReport }
  | { refused: { code: string; status: number; message: string } };

const say = (message: Message) => parentPort!.postMessage(message);
const { lists, target } = workerData as { lists: LoggedList[]; target: Target };
try {
  say({ report: judge(lists, target, (fraction) => say({ fraction })) });
} catch (error) {
  if (!(error instanceof HamletError)) throw error;
  const { code, status, message } = error;
  say({ refused: { code, status, message } });
}
