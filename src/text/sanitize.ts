/**
 * True when PostgreSQL, JSON and UTF-8 can all carry the text: no NUL, no lone surrogate. Every text that
 * comes over the wire or out of a file passes here before anything else looks at it.
 */
export const isCleanText = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** The same for every string and key inside a JSON value. Depth is bounded so that it cannot overflow the stack. */
export function isCleanJson(value: unknown, depth = 32): boolean {
  if (typeof value === 'string') return isCleanText(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((entry) => isCleanJson(entry, depth - 1));
  return Object.entries(value).every(([key, entry]) => isCleanText(key) && isCleanJson(entry, depth - 1));
}
