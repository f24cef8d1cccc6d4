import type { Database } from '../db/index.ts';
import { nameDataset, renew } from './lease.ts';
import { snapshotOf } from './snapshot/prepare.ts';
import type { Held, Times } from './types.ts';

type Spec = Record<string, unknown>;
/** `between` keeps the lease: to be awaited now and then. */
export type Prepare = (
  spec: Spec,
  between: () => Promise<void>,
) => Promise<{ spec: Spec; dataset: string } | null>;

/** What a spec is given beside its snapshot; null where it asks for nothing. */
export type Offer = (spec: Spec, between: () => Promise<void>) => Promise<Spec | null>;

/** Ends what is being written once the training is cancelled. */
class Cancelled extends Error {
  readonly held: Held;
  constructor(held: Held) {
    super(`training ${held.id} is cancelled`);
    this.held = held;
  }
}

/**
 * What all attempts of a training see: a snapshot, or what another feature makes for its own kinds of job. One that is
 * cancelled meanwhile comes back without them.
 */
export const prepareInputs: typeof writeInputs = (parts, held) =>
  writeInputs(parts, held).catch((error) => {
    if (error instanceof Cancelled) return error.held;
    throw error;
  });

async function writeInputs(
  parts: { db: Database; home: string; times: Times; prepare?: Prepare; offer?: Offer },
  held: Held,
): Promise<Held> {
  const { db, times, prepare, offer } = parts;
  let renewed = Date.now();
  const keepLease = async () => {
    if (Date.now() - renewed < times.lease / 3) return;
    renewed = Date.now();
    const now = await renew(db, held, 'its inputs are being written', times.lease);
    if (now.cancelRequested) throw new Cancelled(now);
  };
  const made = await prepare?.(held.spec, keepLease);
  if (made) return nameDataset(db, held, made.dataset, made.spec);
  const snapshot = await snapshotOf(parts, held.spec, keepLease);
  if (snapshot === null) return held;
  const given = await offer?.(held.spec, keepLease);
  return nameDataset(db, held, snapshot, { ...held.spec, ...given, snapshot });
}
