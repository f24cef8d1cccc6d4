import { Worker } from 'node:worker_threads';
import { type IdleOptions, type IdleWork, openIdleWork } from './idle-work.ts';

/** @param file the thread: gets `{id, ...question}` from its parent port, answers an IdleAnswer */
export const openIdleThread = <Question extends object, Answer extends object>(
  file: URL,
  workerData: unknown,
  options: IdleOptions,
): IdleWork<Question, Answer> =>
  openIdleWork(({ answer, ended }) => {
    const worker = new Worker(file, { workerData });
    worker.unref();
    worker.on('message', answer);
    worker.on('error', ended);
    worker.on('exit', (code) => ended(new Error(`its thread ended (${code})`)));
    return {
      post: (question, moved) => worker.postMessage(question, moved),
      hold: () => worker.ref(),
      letGo: () => worker.unref(),
      end: () => worker.terminate(),
    };
  }, options);
