import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobStatus } from '../../schemas/sidecar.ts';
import { HamletError } from '../errors.ts';
import type { Sidecars } from './pool.ts';

const POLL_MS = 300;
const LEASE_SECONDS = 60;

/**
 * A job that somebody waits for, outside the queue of trainings: asked for twice, it is done once.
 * @throws HamletError of the job, or of a sidecar that cannot be had
 */
export async function runOnSidecar(
  sidecars: Sidecars,
  kind: string,
  spec: Record<string, unknown>,
): Promise<JobStatus> {
  const sidecar = await sidecars.choose(kind);
  const digest = createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 24);
  const id = `${kind}-${digest}`;
  let status = await sidecar.submit({ id, kind, spec, attempt: 1, fence: 1, leaseSeconds: LEASE_SECONDS });
  while (status.state === 'queued' || status.state === 'running') {
    await sleep(POLL_MS);
    status = await sidecar.status(id, 1);
  }
  if (status.state === 'done') return status;
  const { code = kind, message = `the job was ${status.state}` } = status.error ?? {};
  throw new HamletError(code, 502, message);
}
