import { LEVEL } from '../catalog/types.ts';
import type { Decision } from './types.ts';

/** Effective level of an item that waits for an operator because something about it is unknown. */
export const HELD_BACK = 0;

/** What is stored and asked: 0 held back; 1, 2, 4, 8, 16 servable up to that level; 32 never served. */
export const effectiveLevel = ({ level, held }: Decision): number => (held ? HELD_BACK : level);

/**
 * THE check: may an item of this effective level be shown to someone who may see up to `maxLevel`?
 * False for held back (0), blocked (32), NaN on either side, and whatever is no level at all.
 */
export function servable(level: number, maxLevel: number): boolean {
  return level >= LEVEL.PG && level <= LEVEL.XXX && level <= maxLevel;
}

/** The level a person may be shown: what is asked for, or less where they prefer less. */
export const levelFor = (asked: number, preferred: number = LEVEL.BLOCKED): number =>
  Math.min(asked, preferred);

/** Several flags count as the highest; a flag nobody defined counts as blocked, nonsense as unknown. */
export function highestFlag(flags: number): number {
  if (!Number.isInteger(flags) || flags <= 0) return HELD_BACK;
  if (flags >= LEVEL.BLOCKED) return LEVEL.BLOCKED;
  return 1 << (31 - Math.clz32(flags));
}

/** How many levels the second lies above the first: PG, PG13, R, X, XXX are one step apart. */
export const stepsUp = (from: number, to: number): number => Math.log2(to) - Math.log2(from);
