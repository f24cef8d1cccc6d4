import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type IdleOptions, type IdleWork, openIdleWork } from './idle-work.ts';

/**
 * A process gives all of its memory back when it ends, which a thread does not (glibc keeps a thread's arena), and a
 * network that crashes takes nobody with it. Questions are copied: they should be small.
 * @param file the process: gets `{data}` first, then `{id, ...question}`, answers an IdleAnswer
 */
export const openIdleProcess = <Question extends object, Answer extends object>(
  file: URL,
  data: unknown,
  options: IdleOptions,
): IdleWork<Question, Answer> =>
  openIdleWork(({ answer, ended }) => {
    const child = fork(fileURLToPath(file), [], {
      ...{ serialization: 'advanced', execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    });
    const gone = once(child, 'exit').catch(() => {});
    child.on('message', answer);
    child.on('error', ended);
    child.on('exit', (code, signal) => ended(new Error(`its process ended (${signal ?? code})`)));
    // One that has just ended is told of by `exit`; what it was still sent is of no use to anybody.
    const post = (message: object) => child.send(message, () => {});
    post({ data });
    const letGo = () => {
      child.unref();
      child.channel?.unref();
    };
    letGo();
    return {
      post,
      hold() {
        child.ref();
        child.channel?.ref();
      },
      letGo,
      end() {
        // Until it is gone: whoever ends it waits for that.
        child.ref();
        child.kill('SIGKILL');
        return gone;
      },
    };
  }, options);
