import { useEffect, useState } from 'preact/hooks';
import { problemOf, request } from '../api.js';

/** @import { Problem } from '../types.ts' */

const AGAIN_MS = 2000;

/**
 * What server-sent events say last. By `fetch`, since `EventSource` sends no key; the stream ends with the
 * process that sends it, and another is asked then.
 * @template T
 * @param {string | null} path
 * @param {(value: T) => boolean} over
 * @returns {{ value: T | null, problem: Problem | null }}
 */
export function useEvents(path, over) {
  const [told, setTold] = useState(
    /** @type {{ value: T | null, problem: Problem | null }} */ ({ value: null, problem: null }),
  );
  useEffect(() => {
    if (path === null) return;
    const stop = new AbortController();
    const follow = async () => {
      for (;;) {
        /** @type {T | null} */
        let last = null;
        try {
          for await (const value of eventsOf(path, stop.signal)) {
            last = /** @type {T} */ (value);
            setTold({ value: last, problem: null });
          }
        } catch (error) {
          // A refusal stays one; a service that went away in the middle may come back.
          if (problemOf(error).status >= 400) throw error;
        }
        if (stop.signal.aborted || (last !== null && over(last))) return;
        await new Promise((done) => setTimeout(done, AGAIN_MS));
      }
    };
    follow().catch((error) => stop.signal.aborted || setTold({ value: null, problem: problemOf(error) }));
    return () => stop.abort();
  }, [path]);
  return told;
}

/** @param {string} path @param {AbortSignal} signal */
async function* eventsOf(path, signal) {
  const { body } = await request(path, { signal });
  if (body === null) return;
  let rest = '';
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (rest + value).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: (.*)$/mu.exec(event)?.[1];
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}
