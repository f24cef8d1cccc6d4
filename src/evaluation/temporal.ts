import { badInput } from '../errors.ts';
import { packLog, type Row } from './pack.ts';
import type { Asked, Split } from './splits.ts';
import type { Timeline } from './timeline.ts';

/** Next items that a user is asked about: what comes long after is no answer to the history of then. */
export const NEXT = 10;

export type TemporalSplit = Split & {
  /** Milliseconds: what happened before is known, what came from then on is asked about. */
  at: number;
};

/**
 * One moment for everybody: all is learned from what happened before it, and each user's next new items after it
 * (ten at most) are the targets. Items that nobody met before are among them, and so are new users: of them
 * nothing is known until their first item, which is their history.
 *
 * @param cut part of the events that lie before the moment, or the moment itself (milliseconds)
 * @throws HamletError `sequences-empty` (400) when nothing lies before it or after it
 */
export function temporalSplit(timeline: Timeline, cut: { share: number } | { at: number }): TemporalSplit {
  const at = 'at' in cut ? cut.at : momentAt(timeline.times, cut.share);
  const rows: Row[] = [];
  const questions: Asked[] = [];
  for (let user = 0; user < timeline.users.length; user++) {
    const [from, to] = [timeline.offsets[user]!, timeline.offsets[user + 1]!];
    const columns = timeline.columns.subarray(from, to);
    const times = timeline.times.subarray(from, to);
    const known = times.findIndex((time) => time >= at);
    const before = known < 0 ? columns.length : known;
    const row = lastOfEach(columns.subarray(0, before), times);
    if (row.columns.length > 0) rows.push(row);
    const asked = askedAfter(row.columns, columns.subarray(before));
    if (asked !== null) questions.push({ user, ...asked });
  }
  if (rows.length === 0 || questions.length === 0)
    throw badInput(
      'sequences-empty',
      `Nothing lies ${rows.length === 0 ? 'before' : 'after'} ${dateOf(at)}.`,
    );
  return {
    training: packLog(rows, timeline.items.length),
    questions,
    tooShort: timeline.users.length - questions.length,
    at,
  };
}

/** The moment that this part of all events lies before. */
export function momentAt(times: Float64Array, share: number): number {
  const sorted = times.toSorted();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Like the serving log: an item that was met again stands where it was last. */
function lastOfEach(columns: Int32Array, times: Float64Array) {
  const last = new Map<number, number>();
  columns.forEach((column, n) => {
    last.delete(column);
    last.set(column, times[n]!);
  });
  return { columns: Int32Array.from(last.keys()), times: Float64Array.from(last.values()) };
}

function askedAfter(known: Int32Array, after: Int32Array): Pick<Asked, 'history' | 'targets'> | null {
  const met = new Set(known);
  const next = [...new Set(after)].filter((column) => !met.has(column));
  const history = known.length > 0 ? known : Int32Array.from(next.splice(0, 1));
  return next.length === 0 ? null : { history, targets: Int32Array.from(next.slice(0, NEXT)) };
}

const dateOf = (at: number) => (Number.isFinite(at) ? new Date(at).toISOString() : String(at));
