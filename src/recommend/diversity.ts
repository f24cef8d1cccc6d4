import type { ContentVectors } from './content.ts';
import type { Candidate } from './types.ts';

/** Mean of 1 − cosine over all pairs (intra-list distance, Smyth & McClave 2001); null without two vectors in memory. */
export function diversityOf(items: Candidate[], content: ContentVectors): number | null {
  const rows = items.map(({ item }) => content.rowOf(item)).filter((row) => row >= 0);
  if (rows.length < 2) return null;
  let sum = 0;
  for (let i = 1; i < rows.length; i++)
    for (let j = 0; j < i; j++) sum += 1 - content.likeness(rows[i]!, rows[j]!);
  return sum / ((rows.length * (rows.length - 1)) / 2);
}
