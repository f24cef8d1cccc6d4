import { QdrantClientResourceExhaustedError, QdrantClientTimeoutError } from '@qdrant/js-client-rest';
import { badInput, HamletError, unavailable } from '../../errors.ts';

export type Failure = {
  error: HamletError;
  /** The same call may succeed soon. */
  passing: boolean;
  /** How long the server asks to be left alone. */
  retryAfterMs?: number;
};

/** What a call of the Qdrant client threw, in Hamlet's words. Neither URL nor API key is in them. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof HamletError) return { error: thrown, passing: false };
  const away = (message: string, more: Partial<Failure> = {}): Failure => ({
    error: unavailable('vectors-unavailable', message, 1, thrown),
    passing: false,
    ...more,
  });
  // The client hands on only the first character of Retry-After: a time to wait for at least.
  if (thrown instanceof QdrantClientResourceExhaustedError)
    return away('Qdrant is busy.', { passing: true, retryAfterMs: thrown.retry_after * 1000 });
  if (thrown instanceof QdrantClientTimeoutError)
    return away('Qdrant does not answer in time.', { passing: true });
  if (thrown instanceof TypeError && /^(fetch failed|terminated)$/.test(thrown.message))
    return away('Qdrant cannot be reached.', { passing: true });

  const status = statusOf(thrown);
  if (status === undefined) return away('What answers at VECTORS_URL does not answer as Qdrant does.');
  if (status === 401 || status === 403) return away('Qdrant does not accept VECTORS_API_KEY.');
  // Nothing is ever asked by the id of a point, so what is missing is a collection.
  if (status === 404)
    return { error: badInput('collection-unknown', reasonOf(thrown, status)), passing: false };
  return away(reasonOf(thrown, status), { passing: status === 429 || status >= 500 });
}

const statusOf = (thrown: unknown): number | undefined =>
  thrown instanceof Error && 'status' in thrown && typeof thrown.status === 'number'
    ? thrown.status
    : undefined;

/** Qdrant says what is wrong in `{status: {error}}` of the body; a proxy before it says anything. */
function reasonOf(thrown: unknown, status: number): string {
  const said = (thrown as { data?: { status?: { error?: unknown } } }).data?.status?.error;
  return typeof said === 'string' ? `Qdrant: ${said.slice(0, 300)}` : `Qdrant answered ${status}.`;
}
