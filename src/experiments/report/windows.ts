import { HamletError } from '../../errors.ts';
import type { Experiment } from '../types.ts';

/**
 * A stretch of time in which the control and these variants were all in force: only then do their people
 * differ by the pipeline alone. Pauses of the whole experiment need no gap, for nobody has a list in them.
 */
export type Window = {
  /** ISO 8601, [from, until). */
  from: string;
  until: string;
  variants: string[];
  /** Why it ended; null while it goes on. */
  ended: string | null;
};

/**
 * A variant that was paused alone is compared up to then, the others go on. Longest first.
 * @throws HamletError `never-started` (409)
 */
export function windowsOf(experiment: Experiment, now = new Date()): Window[] {
  const { key, definition, startedAt, endedAt } = experiment;
  if (startedAt === null) throw new HamletError('never-started', 409, `${key} has not run.`);
  const [control, ...others] = definition.variants.map((variant) => variant.key) as [string, ...string[]];
  const byEnd = new Map<string, Window>();
  for (const variant of others) {
    const { at, why } = firstOf([
      { at: endedAt ?? now.toISOString(), why: endedAt === null ? null : 'it ended' },
      ...[control, variant].flatMap((one) => pauseOf(experiment, one)),
    ]);
    const window = byEnd.get(at) ?? { from: startedAt, until: at, variants: [], ended: why };
    window.variants.push(variant);
    byEnd.set(at, window);
  }
  return [...byEnd.values()].sort((a, b) => (a.until < b.until ? 1 : -1));
}

type End = { at: string; why: string | null };
const firstOf = (ends: End[]): End => ends.reduce((first, end) => (end.at < first.at ? end : first));

function pauseOf({ pausedVariants }: Experiment, variant: string): End[] {
  if (!Object.hasOwn(pausedVariants, variant)) return [];
  const { at, reason } = pausedVariants[variant]!;
  return [{ at, why: `${variant} was paused (${reason})` }];
}
