import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { badInput } from '../errors.ts';

/** A longer line is no line of ours: it is passed over without being kept in memory. */
export const LINE_LIMIT = 16 * 1024 * 1024;
const READ_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** Lines in a row. `undefined` stands for one over LINE_LIMIT. */
export type Lines = { first: number; lines: (string | undefined)[]; fraction: number };

/**
 * Reads a text file piece by piece, at constant memory. UTF-8, and latin-1 where a line is not UTF-8;
 * `\r\n` and a byte order mark are understood.
 * @throws HamletError `file-unreadable` (400)
 */
export async function* readLines(path: string): AsyncGenerator<Lines> {
  const size = await fileSize(path);
  let rest: Buffer[] = [];
  let restBytes = 0;
  let overlong = false;
  let first = 1;
  let read = 0;
  for await (const piece of createReadStream(path, { highWaterMark: READ_BYTES })) {
    const bytes = piece as Buffer;
    read += bytes.length;
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      const whole = Buffer.concat([...rest, bytes.subarray(0, end - 1)]);
      const lines = decode(whole, first === 1);
      if (overlong) lines[0] = undefined;
      yield { first, lines, fraction: read / size };
      first += lines.length;
      rest = [];
      restBytes = 0;
      overlong = false;
    }
    const tail = bytes.subarray(end);
    restBytes += tail.length;
    if (restBytes > LINE_LIMIT) {
      overlong = true;
      rest = [];
    } else if (tail.length > 0) rest.push(tail);
  }
  if (restBytes > 0)
    yield {
      first,
      lines: overlong ? [undefined] : decode(Buffer.concat(rest), first === 1),
      fraction: 1,
    };
}

function decode(bytes: Buffer, isStart: boolean): (string | undefined)[] {
  const lines = isUtf8(bytes) ? bytes.toString('utf8').split('\n') : splitMixed(bytes);
  if (isStart && lines[0]!.startsWith('\uFEFF')) lines[0] = lines[0]!.slice(1);
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

/** Old data sets are latin-1, and hardly any latin-1 text with an accent is UTF-8 by chance. */
function splitMixed(bytes: Buffer): string[] {
  const lines: string[] = [];
  for (let from = 0; from <= bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, from);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.subarray(from, end);
    lines.push(line.toString(isUtf8(line) ? 'utf8' : 'latin1'));
    from = end + 1;
  }
  return lines;
}

async function fileSize(path: string): Promise<number> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw badInput('file-unreadable', `${path} cannot be read (${error.code}).`);
  });
  if (!info.isFile()) throw badInput('file-unreadable', `${path} is not a file.`);
  return Math.max(1, info.size);
}
