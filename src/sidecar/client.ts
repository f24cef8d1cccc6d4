import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { CONTRACT, type JobRequest, JobStatus, SidecarHealth } from '../../schemas/sidecar.ts';
import { HamletError, unavailable } from '../errors.ts';

/** One sidecar, asked over HTTP. Every call may throw what `ask` below throws. */
export type Sidecar = {
  address: string;
  health(): Promise<SidecarHealth>;
  submit(request: Omit<JobRequest, 'contract'>): Promise<JobStatus>;
  /** Also lengthens the job's lease on the sidecar's side. */
  status(id: string, fence: number): Promise<JobStatus>;
  cancel(id: string, fence: number): Promise<JobStatus>;
};

const PATIENCE_MS = 5000;
const LARGEST_ANSWER = 1 << 20;
const isStatus = Compile(JobStatus);
const isHealth = Compile(SidecarHealth);

/**
 * @throws HamletError, from each call: `sidecar-unreachable` (503) when nothing answers in time,
 *   `sidecar-answer-invalid` (502) for what the contract does not know, `sidecar-contract` (502) for a sidecar
 *   of another version, or the code of the sidecar's own problem.
 */
export function sidecarAt(address: string, token: string): Sidecar {
  const headers = token === '' ? {} : { authorization: `Bearer ${token}` };

  async function ask<S extends TSchema>(
    check: { Check(value: unknown): value is Static<S> },
    path: string,
    init: RequestInit = {},
  ) {
    const answer = await fetch(new URL(path, address), {
      ...init,
      headers: { ...headers, 'content-type': 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
      .then(read)
      .catch((error: Error) => {
        throw unavailable('sidecar-unreachable', `${address} does not answer: ${reasonOf(error)}`, 5, error);
      });
    if (!answer.ok) throw refusal(address, answer);
    if (!check.Check(answer.body))
      throw new HamletError(
        'sidecar-answer-invalid',
        502,
        `${address} answers what ${CONTRACT} does not know`,
      );
    return answer.body;
  }

  const at = (id: string, fence: number) => `/jobs/${encodeURIComponent(id)}?fence=${fence}`;
  return {
    address,
    async health() {
      const health = await ask<typeof SidecarHealth>(isHealth, '/health');
      if (health.contract !== CONTRACT)
        throw new HamletError(
          'sidecar-contract',
          502,
          `${address} speaks ${health.contract.slice(0, 50)}, this api ${CONTRACT}`,
        );
      return health;
    },
    submit: (request) =>
      ask<typeof JobStatus>(isStatus, '/jobs', {
        method: 'POST',
        body: JSON.stringify({ contract: CONTRACT, ...request }),
      }),
    status: (id, fence) => ask<typeof JobStatus>(isStatus, at(id, fence)),
    cancel: (id, fence) => ask<typeof JobStatus>(isStatus, at(id, fence), { method: 'DELETE' }),
  };
}

/** An answer that is cut off in the middle counts as none. */
async function read(response: Response): Promise<{ ok: boolean; status: number; body: unknown }> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > LARGEST_ANSWER) throw new Error('its answer does not end');
  }
  const { ok, status } = response;
  try {
    return { ok, status, body: JSON.parse(text) };
  } catch {
    return { ok, status, body: null };
  }
}

function refusal(address: string, { status, body }: { status: number; body: unknown }): HamletError {
  const { code, detail } = (body ?? {}) as { code?: unknown; detail?: unknown };
  const named = typeof code === 'string' && /^[a-z][a-z-]{1,60}$/.test(code);
  const words = typeof detail === 'string' ? detail.slice(0, 500) : `it answers ${status}`;
  return new HamletError(named ? code : 'sidecar-answer-invalid', status, `${address}: ${words}`);
}

const reasonOf = (error: Error): string =>
  error.name === 'TimeoutError'
    ? `nothing within ${PATIENCE_MS} ms`
    : ((error.cause as { code?: string } | undefined)?.code ?? error.message);
