import { isCleanText } from '../../text/index.ts';

/**
 * Cells as different writers leave them: whole numbers as INT64 or (pandas, beside nulls) as DOUBLE, flags as
 * booleans, 0/1 or words, times as timestamps or text. Each reader answers undefined for what it cannot read.
 */

/** An id as text; whole numbers however they are written. */
export function idOf(cell: unknown): string | undefined {
  if (typeof cell === 'bigint') return cell.toString();
  if (typeof cell === 'number') return Number.isSafeInteger(cell) ? String(cell) : undefined;
  if (typeof cell !== 'string') return undefined;
  const text = cell.trim().replace(/^(\d+)\.0$/u, '$1');
  return text !== '' && text.length <= 256 && isCleanText(text) ? text : undefined;
}

export const textOf = (cell: unknown): string | undefined =>
  typeof cell === 'string' && cell !== '' ? cell : undefined;

export function numberOf(cell: unknown): number | undefined {
  if (cell === null || cell === undefined || cell === '') return undefined;
  const value = typeof cell === 'bigint' || typeof cell === 'string' ? Number(cell) : cell;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function flagOf(cell: unknown): boolean | undefined {
  if (typeof cell === 'boolean') return cell;
  if (typeof cell === 'string') {
    const word = cell.trim().toLowerCase();
    if (word === 'true') return true;
    if (word === 'false') return false;
  }
  const value = numberOf(cell);
  return value === undefined ? undefined : value !== 0;
}

/** Words joined by ", ". */
export function listOf(cell: unknown): string[] {
  return (textOf(cell) ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

const DAY = 86_400_000;

/** ISO 8601 of a time between 1970 and tomorrow; text without a zone is UTC. */
export function instantOf(cell: unknown): string | undefined {
  const at =
    cell instanceof Date
      ? cell.getTime()
      : typeof cell === 'string' && /^\d{4}-\d\d-\d\d/u.test(cell)
        ? Date.parse(isoOf(cell))
        : Number.NaN;
  return at >= 0 && at <= Date.now() + DAY ? new Date(at).toISOString() : undefined;
}

/** `2024-01-31 10:00:00.123456+00:00`, as pandas writes it, as `2024-01-31T10:00:00.123456+00:00`. */
function isoOf(text: string): string {
  const joined = text.trim().replace(' ', 'T');
  if (!joined.includes('T')) return joined;
  return /(?:[Zz]|[+-]\d\d:?\d\d)$/u.test(joined) ? joined : `${joined}Z`;
}

/** Only what is there, so that equal items are written equally. */
export const present = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
