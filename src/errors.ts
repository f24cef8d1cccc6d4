/**
 * The one error type that crosses module borders. `http/problem.ts` turns it into RFC 9457
 * problem+json; the CLI prints `code: message` and exits 1. Anything else that is thrown is a bug.
 */
export class HamletError extends Error {
  readonly code: string;
  readonly status: number;
  /** JSON pointer (RFC 6901) to the field at fault, e.g. `/events/3/occurredAt`. */
  readonly pointer?: string;
  /** Seconds after which the same call may succeed; becomes `Retry-After`. */
  readonly retryAfter?: number;

  constructor(
    code: string,
    status: number,
    message: string,
    options: { pointer?: string; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'HamletError';
    this.code = code;
    this.status = status;
    this.pointer = options.pointer;
    this.retryAfter = options.retryAfter;
  }
}

/** The caller sent something that can never succeed as it is. */
export const badInput = (code: string, message: string, pointer?: string) =>
  new HamletError(code, 400, message, { pointer });

/** A part Hamlet depends on does not answer now; the same call may succeed later. */
export const unavailable = (code: string, message: string, retryAfter = 1, cause?: unknown) =>
  new HamletError(code, 503, message, { retryAfter, cause });
