import { HamletError, unavailable } from '../errors.ts';

/** Connection exceptions, shutting down, starting up, too many connections, out of resources. */
const AWAY = /^(08|57P|53)/;
const AWAY_SYSTEM = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const AWAY_WORDS =
  /connection terminated|timeout exceeded when trying to connect|connection error and is not queryable|terminating connection|Cannot use a pool after calling end/i;
/** Serialization failure and deadlock: the same transaction may succeed now. */
const AGAIN = new Set(['40001', '40P01']);

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** True when the server, not the statement, is the trouble. */
export const isDatabaseAway = (error: unknown): boolean =>
  AWAY.test(codeOf(error)) ||
  AWAY_SYSTEM.has(codeOf(error)) ||
  (error instanceof Error && AWAY_WORDS.test(error.message));

export const isWorthRetrying = (error: unknown): boolean => AGAIN.has(codeOf(error));

/** Class 22: a value that the database does not take, as out of range. */
export const isDataError = (error: unknown): boolean => codeOf(error).startsWith('22');

/** Connection trouble becomes `database-unavailable` (503); everything else stays as it is. */
export function translateDatabaseError(error: unknown): unknown {
  if (error instanceof HamletError || !isDatabaseAway(error)) return error;
  return unavailable('database-unavailable', 'The database does not answer now.', 1, error);
}
