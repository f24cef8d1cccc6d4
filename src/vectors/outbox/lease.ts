import { type Database, query } from '../../db/index.ts';

/** The right to carry changes into one collection, until it expires or somebody's fence is higher. */
export type Lease = { collection: string; owner: string; fence: string; until: number };

/** Longer than a batch may take with all its retries. */
export const LEASE_MS = 30_000;

/**
 * Takes the lease or lengthens one's own. A new holder gets a higher fence than any before.
 * @returns the lease and the cursor, or undefined while another holds it
 */
export async function takeLease(
  db: Database,
  collection: string,
  owner: string,
): Promise<{ lease: Lease; cursor: number } | undefined> {
  const began = Date.now();
  const rows = await query<{ fence: string; version: string }>(
    db,
    `insert into outbox as o (index_name, lease_owner, leased_until, fence)
     values ($1, $2, now() + $3 * interval '1 ms', 1)
     on conflict (index_name) do update set
       fence = case when o.lease_owner = excluded.lease_owner then o.fence else o.fence + 1 end,
       lease_owner = excluded.lease_owner, leased_until = excluded.leased_until
     where o.lease_owner is null or o.lease_owner = excluded.lease_owner or o.leased_until < now()
     returning fence, version`,
    [collection, owner, LEASE_MS],
  );
  const [row] = rows;
  if (!row) return undefined;
  return {
    lease: { collection, owner, fence: row.fence, until: began + LEASE_MS },
    cursor: Number(row.version),
  };
}

/** @returns false when the lease has passed to another, whose cursor it is now */
export async function advanceCursor(db: Database, lease: Lease, version: number): Promise<boolean> {
  const rows = await query(
    db,
    `update outbox set version = greatest(version, $4)
     where index_name = $1 and lease_owner = $2 and fence = $3 returning 1`,
    [lease.collection, lease.owner, lease.fence, version],
  );
  return rows.length === 1;
}

/** Lets the next carrier begin at once. */
export async function releaseLease(db: Database, lease: Lease): Promise<void> {
  await query(
    db,
    'update outbox set lease_owner = null, leased_until = null where index_name = $1 and lease_owner = $2 and fence = $3',
    [lease.collection, lease.owner, lease.fence],
  );
}

/** How far a collection has been carried, durably; 0 for one that nobody has carried. */
export async function carriedVersion(db: Database, collection: string): Promise<number> {
  const [row] = await query<{ version: string }>(db, 'select version from outbox where index_name = $1', [
    collection,
  ]);
  return Number(row?.version ?? 0);
}

export async function forgetCursor(db: Database, collection: string): Promise<void> {
  await query(db, 'delete from outbox where index_name = $1', [collection]);
}
