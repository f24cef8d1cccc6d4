import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { badInput } from '../errors.ts';
import { readLines } from '../imports/index.ts';

/** Histories of a file, oldest first, without times. Items are columns 0…n-1 in order of first appearance. */
export type Sequences = {
  items: string[];
  users: string[];
  /** User u holds columns[offsets[u]…offsets[u+1]); each item once, where it was last. */
  offsets: Int32Array;
  columns: Int32Array;
  dataset: Dataset;
};
export type Dataset = {
  file: string;
  sha256: string;
  users: number;
  items: number;
  interactions: number;
  /** Earlier occurrences of an item in one history: like the serving log, only the last is kept. */
  repeats: number;
  /** Lines that are no row of the format; the first few by number. */
  malformed: { lines: number; first: number[] };
};
export type SequenceFormat = 'pairs' | 'rows';

const MALFORMED_NAMED = 20;
const ID_LIMIT = 256;

/**
 * @param format `pairs`: `user item` a line; `rows`: `user item item …` a line; found out by itself when absent.
 * @throws HamletError `file-unreadable` (400), `sequences-empty` (400)
 */
export async function readSequences(
  path: string,
  given?: SequenceFormat,
  progress: (fraction: number) => void = () => {},
): Promise<Sequences> {
  const histories = new Map<string, number[]>();
  const columnOf = new Map<string, number>();
  const malformed = new Malformed();
  let format = given;
  for await (const { first, lines, fraction } of readLines(path)) {
    format ??= detectFormat(lines);
    lines.forEach((line, n) => {
      if (line?.trim() === '') return;
      const [user, ...items] = line === undefined ? [] : line.trim().split(/\s+/u);
      if (user === undefined || !isRow(user, items, format!)) {
        malformed.add(first + n);
        return;
      }
      const history = histories.get(user) ?? [];
      histories.set(user, history);
      for (const item of items) {
        const column = columnOf.get(item) ?? columnOf.size;
        columnOf.set(item, column);
        history.push(column);
      }
    });
    progress(fraction);
  }
  if (histories.size === 0) throw badInput('sequences-empty', `${path} ${malformed.cause()}.`);
  const { offsets, columns } = pack([...histories.values()]);
  const total = [...histories.values()].reduce((sum, history) => sum + history.length, 0);
  return {
    items: [...columnOf.keys()],
    users: [...histories.keys()],
    offsets,
    columns,
    dataset: await describeFile(path, {
      ...{ users: histories.size, items: columnOf.size, interactions: columns.length },
      ...{ repeats: total - columns.length, malformed: malformed.told() },
    }),
  };
}

export const describeFile = async (
  path: string,
  counts: Omit<Dataset, 'file' | 'sha256'>,
): Promise<Dataset> => ({ file: basename(path), sha256: await fileDigest(path), ...counts });

/** Lines that do not fit: counted, the first few named. */
export class Malformed {
  #lines = 0;
  #first: number[] = [];

  add(line: number): void {
    this.#lines++;
    if (this.#first.length < MALFORMED_NAMED) this.#first.push(line);
  }

  told = () => ({ lines: this.#lines, first: this.#first });

  /** Why a file holds nothing. */
  cause = () => (this.#lines === 0 ? 'is empty' : `has no line that fits; line ${this.#first[0]} does not`);
}

/** sha256 of the bytes, in hex: how a dataset is told from another. @throws HamletError `file-unreadable` (400) */
export async function fileDigest(path: string): Promise<string> {
  const digest = createHash('sha256');
  try {
    for await (const bytes of createReadStream(path)) digest.update(bytes as Buffer);
  } catch (error) {
    throw badInput('file-unreadable', `${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  return digest.digest('hex');
}

/** Where one of the first lines has a third word, the file has rows. */
const detectFormat = (lines: (string | undefined)[]): SequenceFormat =>
  lines.some((line) => line === undefined || line.trim().split(/\s+/u).length > 2) ? 'rows' : 'pairs';

const isRow = (user: string, items: string[], format: SequenceFormat): boolean =>
  (format === 'pairs' ? items.length === 1 : items.length > 0) &&
  user.length <= ID_LIMIT &&
  items.every((item) => item.length <= ID_LIMIT);

/** One array for all, each item kept where a history has it last. */
function pack(histories: number[][]): { offsets: Int32Array; columns: Int32Array } {
  const offsets = new Int32Array(histories.length + 1);
  const kept = histories.map((history) => [...new Set(history.reverse())].reverse());
  kept.forEach((history, user) => {
    offsets[user + 1] = offsets[user]! + history.length;
  });
  const columns = new Int32Array(offsets[histories.length]!);
  kept.forEach((history, user) => {
    columns.set(history, offsets[user]!);
  });
  return { offsets, columns };
}
