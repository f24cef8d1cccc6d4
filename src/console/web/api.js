import { useCallback, useEffect, useState } from 'preact/hooks';

/** @import { Asked, Problem } from './types.ts' */

const STORED = 'hamlet-key';
const BUSY_TRIES = 8;

/** The key stays in this tab: what outlives it would be read by whoever sits here next. */
export const key = {
  get: () => sessionStorage.getItem(STORED) ?? '',
  /** @param {string} token */
  set: (token) => (token ? sessionStorage.setItem(STORED, token) : sessionStorage.removeItem(STORED)),
};

export class ProblemError extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/**
 * @param {string} path
 * @param {{ method?: string, body?: unknown, signal?: AbortSignal | undefined, tries?: number }} [asked]
 * @returns {Promise<Response>}
 */
export async function request(path, { method, body, signal, tries = BUSY_TRIES } = {}) {
  const token = key.get();
  const answer = await fetch(path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  }).catch((error) => {
    if (signal?.aborted) throw error;
    throw new ProblemError({ status: 0, code: 'unreachable', detail: 'The service does not answer.' });
  });
  if (answer.ok) return answer;
  const problem = await problemIn(answer);
  // A service that says when to come again is taken at its word, for what may be asked twice.
  if (problem.status !== 503 || !problem.retryAfter || body !== undefined || method || tries === 0)
    throw new ProblemError(problem);
  await new Promise((done) => setTimeout(done, (problem.retryAfter ?? 1) * 1000));
  return request(path, { signal, tries: tries - 1 });
}

/**
 * @template T
 * @param {string} path
 * @param {Parameters<typeof request>[1]} [asked]
 * @returns {Promise<T>}
 */
export async function call(path, asked) {
  const answer = await request(path, asked);
  return answer.status === 204 ? /** @type {T} */ (null) : answer.json();
}

/** @param {Response} answer @returns {Promise<Problem>} */
async function problemIn(answer) {
  const told = await answer.json().catch(() => ({}));
  const retryAfter = Number(answer.headers.get('retry-after')) || undefined;
  return {
    status: answer.status,
    code: told.code ?? `http-${answer.status}`,
    detail: told.detail ?? told.title ?? 'The service answered with an error.',
    ...(retryAfter && { retryAfter }),
  };
}

/** @param {unknown} error @returns {Problem} */
export const problemOf = (error) =>
  error instanceof ProblemError
    ? error.problem
    : { status: 0, code: 'console-fault', detail: String(error instanceof Error ? error.message : error) };

/**
 * Asks when it is first shown and whenever the path changes; null asks nothing.
 * @template T
 * @param {string | null} path
 * @returns {Asked<T>}
 */
export function useAsked(path) {
  const [state, setState] = useState(
    /** @type {{ path: string | null, data: T | null, problem: Problem | null, loading: boolean }} */ ({
      path,
      data: null,
      problem: null,
      loading: path !== null,
    }),
  );
  const [times, setTimes] = useState(0);
  useEffect(() => {
    if (path === null) return;
    const stop = new AbortController();
    // While what failed is tried again it still stands there, rather than flicker.
    setState((was) => (was.path === path ? { ...was, loading: true } : { ...UNKNOWN, path }));
    call(path, { signal: stop.signal }).then(
      (data) => setState({ path, data: /** @type {T} */ (data), problem: null, loading: false }),
      (error) => {
        if (!stop.signal.aborted) setState({ path, data: null, problem: problemOf(error), loading: false });
      },
    );
    return () => stop.abort();
  }, [path, times]);
  const again = useCallback(() => setTimes((n) => n + 1), []);
  // Between a change of path and its effect the old answer is nobody's.
  const { data, problem, loading } =
    state.path === path ? state : { data: null, problem: null, loading: path !== null };
  return { data, problem, loading, again };
}

const UNKNOWN = { data: null, problem: null, loading: true };

/** @param {Record<string, string | number | boolean | undefined>} values */
export function queryOf(values) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  const text = query.toString();
  return text ? `?${text}` : '';
}

export const at = encodeURIComponent;
