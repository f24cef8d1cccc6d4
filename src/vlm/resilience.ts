import {
  bulkhead,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  type FailureReason,
  handleWhen,
  retry,
  wrap,
} from 'cockatiel';
import { HamletError } from '../errors.ts';
import { isTransient, retryAfterOf } from './failure.ts';

const RETRIES = 2;
const FIRST_WAIT_MS = 250;
/** A server that wants to be left alone for longer is left alone. */
const LONGEST_WAIT_MS = 5_000;
const FAILURES_BEFORE_REST = 5;
const REST_MS = 30_000;
const WAITING = 500;

const isOurs = (test: (error: HamletError) => boolean) =>
  handleWhen((error) => error instanceof HamletError && test(error));
/** What speaks against the server rather than against one question. */
const isFailure = (error: HamletError) => isTransient(error) || error.code === 'vlm-timeout';

/**
 * So many questions at once, the rest in line; tried again with jitter, or after as long as the server says; left
 * alone for a while after failing again and again. All from cockatiel, put together here.
 */
export function resilience(atOnce: number, restMs = REST_MS) {
  const again = retry(
    isOurs((error) => isTransient(error) && (retryAfterOf(error) ?? 0) <= LONGEST_WAIT_MS),
    { maxAttempts: RETRIES, backoff: new DelegateBackoff(waitBefore) },
  );
  const breaker = circuitBreaker(isOurs(isFailure), {
    halfOpenAfter: restMs,
    breaker: new ConsecutiveBreaker(FAILURES_BEFORE_REST),
  });
  return {
    policy: wrap(bulkhead(atOnce, WAITING), again, breaker),
    isResting: () => breaker.state === CircuitState.Open,
  };
}

function waitBefore({ attempt, result }: { attempt: number; result: FailureReason<unknown> }): number {
  const asked = 'error' in result && result.error instanceof HamletError ? retryAfterOf(result.error) : null;
  const usual = FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
  return Math.max(asked ?? 0, usual);
}
