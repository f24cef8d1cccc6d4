/** Whoever does work elsewhere: a thread or a process. */
export type Helper = {
  post(question: object, moved: ArrayBuffer[]): void;
  /** This process stays while it is held to its helper, and may end when it is not. */
  hold(): void;
  letGo(): void;
  /** At once. */
  end(): Promise<unknown>;
};
/** Told by a helper of each answer, and once of its end. */
export type Told<Answer> = { answer(answer: IdleAnswer<Answer>): void; ended(error: Error): void };
/** What a helper answers to `{id, ...question}`; `id` joins the two. */
export type IdleAnswer<Answer> = { id: number } & (Answer | { error: string });
export type IdleOptions = {
  /** How long a helper waits for another question before it ends and gives its memory back. */
  idleMs: number;
  /** What an error of the helper is to whoever asked. */
  failed: (error: Error) => Error;
};
export type IdleWork<Question, Answer> = {
  /** @param moved buffers of the question that a thread takes over */
  ask(question: Question, moved?: ArrayBuffer[]): Promise<Answer>;
  /** After the last answer: a thread that is ended inside onnxruntime aborts the whole process. */
  close(): Promise<void>;
};

type Waiting<Answer> = { resolve: (answer: Answer) => void; reject: (error: Error) => void };
type Started<Answer> = { helper: Helper; waiting: Map<number, Waiting<Answer>>; settled: () => void };

/**
 * Work elsewhere, so that the thread that answers requests never waits for a network. The helper starts with the
 * first question and again after it died; a while after the last answer it ends.
 */
export function openIdleWork<Question extends object, Answer extends object>(
  start: (told: Told<Answer>) => Helper,
  { idleMs, failed }: IdleOptions,
): IdleWork<Question, Answer> {
  let current: Started<Answer> | undefined;
  let next = 0;
  let leaving: NodeJS.Timeout | undefined;

  /** From here on a question starts another helper: one that is ending answers nothing any more. */
  function forget(ended: Started<Answer>): void {
    if (current === ended) current = undefined;
  }

  function rest(resting: Started<Answer>): void {
    resting.helper.letGo();
    leaving = setTimeout(() => {
      forget(resting);
      void resting.helper.end();
    }, idleMs);
    leaving.unref();
  }

  function startHelper(): Started<Answer> {
    const waiting = new Map<number, Waiting<Answer>>();
    const helper = start({
      answer(answer) {
        const asked = waiting.get(answer.id);
        waiting.delete(answer.id);
        if (waiting.size === 0) rest(started);
        if ('error' in answer) asked?.reject(failed(new Error(answer.error)));
        else asked?.resolve(answer);
        if (waiting.size === 0) started.settled();
      },
      ended(error) {
        forget(started);
        for (const { reject } of waiting.values()) reject(failed(error));
        waiting.clear();
        started.settled();
      },
    });
    const started: Started<Answer> = { helper, waiting, settled: () => {} };
    return started;
  }

  return {
    ask(question, moved = []) {
      clearTimeout(leaving);
      current ??= startHelper();
      const { helper, waiting } = current;
      helper.hold();
      const id = next++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        helper.post({ id, ...question }, moved);
      });
    },
    async close() {
      const last = current;
      current = undefined;
      if (last !== undefined && last.waiting.size > 0)
        await new Promise<void>((settled) => {
          last.settled = settled;
        });
      clearTimeout(leaving);
      await last?.helper.end();
    },
  };
}
