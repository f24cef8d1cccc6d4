import type { Database } from '../../db/index.ts';
import { nameDataset, renew } from '../lease.ts';
import type { Held, Times } from '../types.ts';
import { readSnapshot } from './read.ts';
import { writeSnapshot } from './write.ts';

/**
 * Gives a training whose spec has `snapshot: "latest"` a snapshot of now, and every one that names a snapshot
 * that very one, checked. All its attempts see the same.
 * @throws HamletError `snapshot-unknown`, `digest-mismatch`, `training-taken`
 */
export async function prepareSnapshot(
  { db, home, times }: { db: Database; home: string; times: Times },
  held: Held,
): Promise<Held> {
  const asked = held.spec.snapshot;
  if (typeof asked !== 'string') return held;
  let renewed = Date.now();
  const keepLease = async () => {
    if (Date.now() - renewed < times.lease / 3) return;
    renewed = Date.now();
    await renew(db, held, 'the snapshot is being written', times.lease);
  };
  const { digest } =
    asked === 'latest' ? await writeSnapshot(db, home, keepLease) : await readSnapshot(home, asked);
  return nameDataset(db, held, digest, { ...held.spec, snapshot: digest });
}
