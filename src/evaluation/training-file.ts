import { createHash } from 'node:crypto';
import type { Split } from './splits.ts';

/**
 * What a split lets be learned, as a file of sequences (`user item` a line, oldest first): a model that was trained
 * on it has not seen the answers, and says so by the file's digest in its manifest. Users are numbers.
 */
export function trainingText({ training }: Pick<Split, 'training'>, ids: string[]): string {
  const lines: string[] = [];
  for (let user = 0; user < training.users; user++)
    for (let n = training.offsets[user]!; n < training.offsets[user + 1]!; n++)
      lines.push(`${user + 1} ${ids[training.columns[n]!]}\n`);
  return lines.join('');
}

/** sha256, hex. */
export const trainingDigest = (split: Pick<Split, 'training'>, ids: string[]): string =>
  createHash('sha256').update(trainingText(split, ids)).digest('hex');
