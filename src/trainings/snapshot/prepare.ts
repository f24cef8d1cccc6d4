import type { Database } from '../../db/index.ts';
import { readSnapshot } from './read.ts';
import { writeSnapshot } from './write.ts';

/**
 * The digest of what a spec names: a snapshot of now for `latest`, else that very one, checked; null where it names none.
 * All attempts of a training see the same.
 * @throws HamletError `snapshot-unknown`, `digest-mismatch`
 */
export async function snapshotOf(
  { db, home }: { db: Database; home: string },
  { snapshot }: Record<string, unknown>,
  between: () => Promise<void>,
): Promise<string | null> {
  if (typeof snapshot !== 'string') return null;
  const found =
    snapshot === 'latest' ? await writeSnapshot(db, home, between) : await readSnapshot(home, snapshot);
  return found.digest;
}
