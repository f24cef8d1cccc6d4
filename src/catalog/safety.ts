import { ITEM_STATUS, LEVEL, type SafetyPolicy } from './types.ts';

/**
 * The one safety rule of Hamlet. Everything else asks `servable` about the number this file computes.
 * It fails closed: what is not known is not served.
 */

/** A text whose unsafe probability is above this is unsafe (ImageGem, arXiv 2510.18433, section 3). */
export const UNSAFE_TEXT = 0.2;

/** Effective level of an item that waits for an operator because something about it is unknown. */
export const HELD_BACK = 0;

export type SafetyFacts = {
  /** Declared browsing-level flags; null or 0 = unknown. */
  level: number | null;
  /** ITEM_STATUS. */
  status: number;
  minor: boolean;
  poi: boolean;
  isPrivate: boolean;
  /** Unsafe probability of the item's text, 0 for an item without text; null = not measured. */
  toxicity: number | null;
  policy: SafetyPolicy;
};

export type SafetyVerdict = {
  /** 0 held back; 1, 2, 4, 8, 16 servable up to that level; 32 never served. */
  level: number;
  /** Where the level before the text rule came from. */
  source: 'declared' | 'policy' | 'unknown';
};

export function effectiveLevel(facts: SafetyFacts): SafetyVerdict {
  const { level: declared, source } = levelBeforeText(facts);
  return { level: judged(facts, declared), source };
}

function judged(facts: SafetyFacts, declared: number): number {
  if (facts.status !== ITEM_STATUS.live || facts.isPrivate || declared === LEVEL.BLOCKED)
    return LEVEL.BLOCKED;
  if (declared === HELD_BACK || !isProbability(facts.toxicity)) return HELD_BACK;
  const unsafeText = facts.toxicity > UNSAFE_TEXT;
  if (facts.minor && (declared > LEVEL.PG13 || unsafeText)) return LEVEL.BLOCKED;
  if (facts.poi && declared > LEVEL.PG13) return LEVEL.BLOCKED;
  return unsafeText ? Math.max(declared, LEVEL.R) : declared;
}

function levelBeforeText({ level, policy }: SafetyFacts): SafetyVerdict {
  if (level !== null && level !== 0) return { level: highestFlag(level), source: 'declared' };
  if (policy.mode === 'trusted') return { level: LEVEL.PG, source: 'policy' };
  if (policy.mode === 'level') return { level: highestFlag(policy.level), source: 'policy' };
  return { level: HELD_BACK, source: 'unknown' };
}

/** Several flags count as the highest; a flag nobody defined counts as blocked, nonsense as unknown. */
function highestFlag(flags: number): number {
  if (!Number.isInteger(flags) || flags <= 0) return HELD_BACK;
  if (flags >= LEVEL.BLOCKED) return LEVEL.BLOCKED;
  return 1 << (31 - Math.clz32(flags));
}

const isProbability = (value: number | null): value is number => value !== null && value >= 0 && value <= 1;

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
