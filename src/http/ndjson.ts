import type { Readable } from 'node:stream';
import { badInput } from '../errors.ts';

const LINE_LIMIT = 1024 * 1024;
const NEWLINE = 10;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** `number` counts from 1 and counts empty lines, as an editor does. */
export type Line = { number: number; value: unknown } | { number: number; code: string; detail: string };

/**
 * The lines of an NDJSON body as they arrive; a line that is not JSON, not UTF-8 or longer than 1 MiB is told
 * apart and does not end the rest. Empty lines are passed over.
 * @throws what `tooLarge` makes, once more than `limit` bytes came; `body-incomplete` (400) when the caller left.
 */
export async function* linesOf(body: Readable, limit: number, tooLarge: () => Error): AsyncGenerator<Line> {
  let number = 0;
  let bytes = 0;
  let kept: Buffer[] = [];
  let length = 0;

  const endLine = (): Line | null => {
    const line = length > LINE_LIMIT ? null : Buffer.concat(kept, length);
    kept = [];
    length = 0;
    number++;
    return line === null
      ? { number, code: 'line-too-long', detail: `A line has at most ${LINE_LIMIT} bytes.` }
      : read(line, number);
  };
  const keep = (part: Buffer) => {
    length += part.length;
    if (length > LINE_LIMIT) kept = [];
    else kept.push(part);
  };

  try {
    // Destroying the request would take the connection away before the answer is out.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limit) throw tooLarge();
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        keep(chunk.subarray(from, at));
        const line = endLine();
        if (line) yield line;
        from = at + 1;
      }
      if (from < chunk.length) keep(chunk.subarray(from));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET')
      throw badInput('body-incomplete', 'The connection ended before the body did.');
    throw error;
  } finally {
    // Whatever ends the reading early, the rest is let through: a connection that is cut or stuck
    // would lose the answer on its way.
    body.resume();
  }
  if (length > 0) {
    const line = endLine();
    if (line) yield line;
  }
}

function read(line: Buffer, number: number): Line | null {
  let text: string;
  try {
    text = utf8.decode(line).trim();
  } catch {
    return { number, code: 'malformed-utf8', detail: 'The line is not UTF-8.' };
  }
  if (text === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { number, code: 'item-invalid', detail: 'The line is not a JSON object.' };
    return { number, value };
  } catch {
    return { number, code: 'malformed-json', detail: 'The line is not JSON.' };
  }
}
