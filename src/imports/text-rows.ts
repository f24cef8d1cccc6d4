import { basename } from 'node:path';
import { readLines } from './lines.ts';
import type { Chunk, Reject, Step } from './types.ts';

/** What a parser makes of one line; null for a line that is no row (a header, a comment). */
export type Outcome = Omit<Step, 'row' | 'line'> | null;
export type TextFile = {
  path: string;
  parse(line: string, number: number): Outcome | Promise<Outcome>;
  /** What the file's bytes weigh in the progress of the whole import. */
  share: number;
};

const OVERLONG: Reject = { code: 'line-too-long' };

/** Rows of several text files, one after the other, numbered through. Empty lines are no rows. */
export async function* readRows(files: TextFile[]): AsyncGenerator<Chunk> {
  let before = 0;
  let shares = 0;
  for (const { path, parse, share } of files) {
    let last = 0;
    for await (const { first, lines, fraction } of readLines(path)) {
      const steps: Step[] = [];
      for (const [index, text] of lines.entries()) {
        if (text === '') continue;
        const line = first + index;
        const parsed = text === undefined ? { reject: OVERLONG } : parse(text, line);
        // Most parsers need no other file: a promise a line would cost them more than the parsing.
        const outcome = parsed instanceof Promise ? await parsed : parsed;
        if (outcome !== null) steps.push({ row: before + line, line, ...outcome });
      }
      last = first + lines.length - 1;
      yield { file: basename(path), steps, fraction: shares + share * fraction };
    }
    before += last;
    shares += share;
  }
}
