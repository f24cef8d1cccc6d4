import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 300;
const KEEP_ALIVE_MS = 15_000;

/**
 * Server-sent events of one thing that changes: as it is at once, at each change, until it is over or this
 * process is closing; then the client asks again, of another replica perhaps.
 */
export function eventStream<T>(
  name: string,
  look: () => Promise<T>,
  over: (value: T) => boolean,
  closing: () => boolean,
): Readable {
  async function* events() {
    let sent = '';
    let quietSince = Date.now();
    while (!closing()) {
      const value = await look();
      const data = JSON.stringify(value);
      if (data !== sent) yield `event: ${name}\ndata: ${data}\n\n`;
      else if (Date.now() - quietSince > KEEP_ALIVE_MS) yield ': still here\n\n';
      if (over(value)) return;
      if (data !== sent || Date.now() - quietSince > KEEP_ALIVE_MS) quietSince = Date.now();
      sent = data;
      await sleep(LOOK_MS);
    }
  }
  return Readable.from(events(), { objectMode: false });
}
