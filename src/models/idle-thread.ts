import { Worker } from 'node:worker_threads';

type Waiting<Answer> = { resolve: (answer: Answer) => void; reject: (error: Error) => void };
type Thread<Answer> = { worker: Worker; waiting: Map<number, Waiting<Answer>>; settled: () => void };
/** What a thread is asked and answers; `id` joins the two. */
export type ThreadAnswer<Answer> = { id: number } & (Answer | { error: string });

/**
 * Work in a thread of its own, so that the thread that answers requests never waits for a network. It starts with
 * the first question and again after it died; a while after the last one it ends and gives its memory back.
 *
 * @param file the worker: gets `{id, ...question}`, answers a ThreadAnswer
 * @param idleMs how long a while is
 * @param failed what an error of the thread is to whoever asked
 */
export function openIdleThread<Question extends object, Answer extends object>(
  file: URL,
  workerData: unknown,
  { idleMs, failed }: { idleMs: number; failed: (error: Error) => Error },
): {
  /** @param moved buffers of the question that the thread takes over */
  ask(question: Question, moved?: ArrayBuffer[]): Promise<Answer>;
  /** After the last answer: a thread that is ended inside onnxruntime aborts the whole process. */
  close(): Promise<void>;
} {
  let thread: Thread<Answer> | undefined;
  let next = 0;
  let leaving: NodeJS.Timeout | undefined;

  /** From here on a question starts another thread: one that is ending answers nothing any more. */
  function forget(ended: Thread<Answer>): void {
    if (thread === ended) thread = undefined;
  }

  function rest(resting: Thread<Answer>): void {
    resting.worker.unref();
    leaving = setTimeout(() => {
      forget(resting);
      void resting.worker.terminate();
    }, idleMs);
    leaving.unref();
  }

  function start(): Thread<Answer> {
    const worker = new Worker(file, { workerData });
    const waiting = new Map<number, Waiting<Answer>>();
    const started: Thread<Answer> = { worker, waiting, settled: () => {} };
    worker.unref();
    worker.on('message', (answer: ThreadAnswer<Answer>) => {
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (waiting.size === 0) rest(started);
      if ('error' in answer) asked?.reject(failed(new Error(answer.error)));
      else asked?.resolve(answer);
      if (waiting.size === 0) started.settled();
    });
    const end = (error: Error) => {
      forget(started);
      for (const { reject } of waiting.values()) reject(failed(error));
      waiting.clear();
      started.settled();
    };
    worker.on('error', end);
    worker.on('exit', (code) => end(new Error(`its thread ended (${code})`)));
    return started;
  }

  return {
    ask(question, moved = []) {
      clearTimeout(leaving);
      thread ??= start();
      const { worker, waiting } = thread;
      // The process stays while an answer is awaited, and may end when none is.
      worker.ref();
      const id = next++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, ...question }, moved);
      });
    },
    async close() {
      const last = thread;
      thread = undefined;
      if (last !== undefined && last.waiting.size > 0)
        await new Promise<void>((settled) => {
          last.settled = settled;
        });
      clearTimeout(leaving);
      await last?.worker.terminate();
    },
  };
}
