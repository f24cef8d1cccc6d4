import { judgeAgain, nextVersion } from '../catalog/index.ts';
import { ITEM_STATUS, type ItemKind, type ItemRef, KIND_CODE } from '../catalog/types.ts';
import { type Database, inTransaction, query } from '../db/index.ts';
import { HamletError } from '../errors.ts';
import type { SafetyRule } from '../safety/index.ts';
import type { Report } from './types.ts';

export type ReportLimits = {
  /** Reports an hour that one person may make, over all replicas. */
  perHour: number;
  /** People whose reports hold an item back until a moderator has looked. */
  toHold: number;
};

/**
 * Takes a person's report of an item. A person counts once for an item, also after a moderator has decided: who does
 * not agree with it cannot hold the item again and again.
 * @returns whether it is new, and the catalogue version written (0 = none)
 * @throws HamletError `item-unknown` (404), `reports-limited` (429)
 */
export async function takeReport(
  db: Database,
  rule: SafetyRule,
  { perHour, toHold }: ReportLimits,
  { kind, id, userId, reason, note }: Report & { kind: ItemKind; id: string },
): Promise<{ taken: boolean; version: number }> {
  const [item] = await query<{ ref: ItemRef; known: boolean }>(
    db,
    `select i.ref, exists (select 1 from item_reports p where p.item_ref = i.ref and p.reporter = $3) as known
     from items i where i.kind = $1 and i.id = $2 and i.status = ${ITEM_STATUS.live}`,
    [KIND_CODE[kind], id, userId],
  );
  if (item === undefined) throw new HamletError('item-unknown', 404, 'There is no such item.');
  // Said again it costs nobody a lock, nor the replicas a look at the catalogue.
  if (item.known) return { taken: false, version: 0 };
  const limit = [userId, perHour] as const;
  await refuseTooMany((text, values) => query(db, text, values), ...limit);
  return inTransaction(db, async (client) => {
    // The catalogue's lock first, as every writer: two last reports at once must not both miss the other, and of
    // many at once no more are taken than one after the other.
    const version = await nextVersion(client);
    await refuseTooMany(async (text, values) => (await client.query(text, values)).rows, ...limit);
    const { rowCount } = await client.query(
      `insert into item_reports (item_ref, reporter, reason, note)
       select ref, $2, $3, $4 from items where ref = $1 and status = ${ITEM_STATUS.live} on conflict do nothing`,
      [item.ref, userId, reason, note],
    );
    if (rowCount === 0) return { taken: false, version };
    await client.query(
      `update items set reported = (select count(*) >= $2 from item_reports where item_ref = $1 and not handled)
       where ref = $1`,
      [item.ref, toHold],
    );
    await judgeAgain(client, [item.ref], version, rule);
    return { taken: true, version };
  });
}

type Count = { n: string; wait: string | null };

async function refuseTooMany(
  ask: (text: string, values: unknown[]) => Promise<Count[]>,
  userId: string,
  perHour: number,
): Promise<void> {
  const [row] = await ask(
    `select count(*) as n, ceil(extract(epoch from min(at) + interval '1 hour' - now())) as wait
     from item_reports where reporter = $1 and at > now() - interval '1 hour'`,
    [userId],
  );
  if (Number(row?.n ?? 0) >= perHour)
    throw new HamletError('reports-limited', 429, `A person may report ${perHour} items an hour.`, {
      retryAfter: Math.max(1, Number(row?.wait ?? 60)),
    });
}
