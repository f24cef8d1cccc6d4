import { BrokenCircuitError, BulkheadRejectedError, TaskCancelledError } from 'cockatiel';
import { APIConnectionError, APIError, APIUserAbortError } from 'openai';
import { HamletError, unavailable } from '../errors.ts';

const vlmError = (code: string, message: string, cause?: unknown, retryAfter = 1) =>
  unavailable(`vlm-${code}`, message, retryAfter, cause);

export const malformed = (reason: string) =>
  vlmError('malformed', `The model’s answer cannot be used: ${reason}.`);
export const declined = () => vlmError('declined', 'The model declined to answer.');
/** By the caller: nothing that speaks against the server. */
export const abandoned = () => vlmError('abandoned', 'Nobody waits for the answer any more.');
export const overBudget = () => vlmError('budget', 'The hour’s tokens are used up.', undefined, 600);

/** Whatever went wrong, under a code of our own. */
export function translated(error: unknown): HamletError {
  if (error instanceof HamletError) return error;
  if (error instanceof BrokenCircuitError)
    return vlmError('resting', 'The model failed too often just now.', error);
  if (error instanceof BulkheadRejectedError) return vlmError('busy', 'Too many questions wait.', error);
  const gone = error instanceof APIUserAbortError || error instanceof TaskCancelledError;
  if (gone || (error as Error)?.name === 'TimeoutError' || (error as Error)?.name === 'AbortError')
    return vlmError('timeout', 'The model did not answer in time.', error);
  if (error instanceof APIConnectionError)
    return vlmError('unavailable', 'The model cannot be reached.', error);
  if (error instanceof APIError) return byStatus(error);
  return malformed((error as Error)?.message ?? 'it is unreadable');
}

function byStatus(error: APIError): HamletError {
  const { status = 0 } = error;
  if (status === 401 || status === 403)
    return vlmError('key-refused', 'The model’s server refuses VLM_API_KEY.', error, 300);
  if (status === 429) return vlmError('busy', 'The model’s server has too much to do.', error);
  if (status >= 500 || status === 408)
    return vlmError('unavailable', `The model’s server answered ${status}.`, error);
  return vlmError('rejected', `The model’s server answered ${status}: ${error.message.slice(0, 200)}`, error);
}

/** What may be otherwise in a moment. */
export const isTransient = ({ code }: HamletError): boolean =>
  code === 'vlm-busy' || code === 'vlm-unavailable';

/** Milliseconds that the server asked to be left alone, or null. */
export function retryAfterOf({ cause }: HamletError, now = Date.now()): number | null {
  const text = cause instanceof APIError ? cause.headers?.get('retry-after') : null;
  if (text === null || text === undefined) return null;
  const seconds = Number(text);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.max(ms, 0) : null;
}
