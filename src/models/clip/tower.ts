import { Worker } from 'node:worker_threads';
import { type ClipFolder, clipInvalid } from './folder.ts';
import type { TowerAnswer, TowerData, TowerRequest } from './tower-worker.ts';

type Waiting = { resolve: (vectors: Float32Array) => void; reject: (error: Error) => void };
type Thread = { worker: Worker; waiting: Map<number, Waiting> };
type Ask = { pixels: Uint8Array; count: number } | { texts: string[] };

/**
 * One tower of a CLIP model in a worker thread, so that the thread that answers requests never waits for a
 * network. It starts with the first question and again after it died; a while after the last one it ends, and
 * gives back some 60 MB.
 *
 * @param idleMs how long a while is
 */
export function openTower(
  data: TowerData,
  idleMs: number,
): {
  ask(question: Ask): Promise<Float32Array>;
  close(): Promise<void>;
} {
  let thread: Thread | undefined;
  let next = 0;
  let leaving: NodeJS.Timeout | undefined;

  /** From here on a question starts another thread: one that is ending answers nothing any more. */
  function forget(ended: Thread): void {
    if (thread === ended) thread = undefined;
  }

  function rest(resting: Thread): void {
    resting.worker.unref();
    leaving = setTimeout(() => {
      forget(resting);
      void resting.worker.terminate();
    }, idleMs);
    leaving.unref();
  }

  function start(): Thread {
    const worker = new Worker(new URL('./tower-worker.ts', import.meta.url), { workerData: data });
    const waiting = new Map<number, Waiting>();
    const started = { worker, waiting };
    worker.unref();
    worker.on('message', (answer: TowerAnswer) => {
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (waiting.size === 0) rest(started);
      if ('vectors' in answer) asked?.resolve(answer.vectors);
      else asked?.reject(failed(data.folder, new Error(answer.error)));
    });
    const end = (error: Error) => {
      forget(started);
      for (const { reject } of waiting.values()) reject(failed(data.folder, error));
      waiting.clear();
    };
    worker.on('error', end);
    worker.on('exit', (code) => end(new Error(`its thread ended (${code})`)));
    return started;
  }

  return {
    ask(question) {
      clearTimeout(leaving);
      thread ??= start();
      const { worker, waiting } = thread;
      // The process stays while an answer is awaited, and may end when none is.
      worker.ref();
      const id = next++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        const moved = 'pixels' in question ? [question.pixels.buffer as ArrayBuffer] : [];
        worker.postMessage({ id, ...question } satisfies TowerRequest, moved);
      });
    },
    async close() {
      clearTimeout(leaving);
      const last = thread;
      thread = undefined;
      await last?.worker.terminate();
    },
  };
}

const failed = (folder: ClipFolder, error: Error) => clipInvalid(folder.path, error.message);
