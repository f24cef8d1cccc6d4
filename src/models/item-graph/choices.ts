import type { InteractionLog } from './types.ts';

/** From a click on it is a choice; a view may be no more than what was shown. */
export const CHOSEN = 0.5;
/** Choices an item below which the whole log says more. */
const ENOUGH = 1;

/**
 * The part of a log that says which items go together: what people chose. Views of what was shown make neighbours of
 * whatever was on one page. The whole log where there is hardly a choice an item.
 */
export function choicesOf(log: InteractionLog): InteractionLog {
  let count = 0;
  for (const strength of log.strengths) if (strength >= CHOSEN) count++;
  if (count === log.strengths.length || count < ENOUGH * log.items.length) return log;
  const offsets = new Int32Array(log.users + 1);
  const [columns, strengths, times] = [
    new Int32Array(count),
    new Float32Array(count),
    new Float64Array(count),
  ];
  let at = 0;
  for (let user = 0; user < log.users; user++) {
    for (let n = log.offsets[user]!; n < log.offsets[user + 1]!; n++) {
      if (log.strengths[n]! < CHOSEN) continue;
      columns[at] = log.columns[n]!;
      strengths[at] = log.strengths[n]!;
      times[at++] = log.times[n]!;
    }
    offsets[user + 1] = at;
  }
  return { ...log, offsets, columns, strengths, times };
}
