import { type Database, inTransaction } from '../db/index.ts';
import type { SafetyRule, Scores } from '../safety/index.ts';
import { judgeAgain } from './judge.ts';
import { nextVersion } from './sql.ts';
import { ITEM_STATUS, type ItemRef } from './types.ts';

/** What classifiers say of an item's picture; it counts only while the item shows that picture. */
export type Evidence = { ref: ItemRef; url: string; scores: Record<string, Scores>; frames: number };

/**
 * Stores what classifiers say. It acts at once where an item waits for it; where an earlier version has spoken, or
 * nobody asked (a declared level), it waits until it is applied (rejudge.ts). Items that were changed or deleted
 * meanwhile are left alone.
 * @returns the catalogue version written, 0 when there was nothing to write
 */
export async function storeEvidence(
  db: Database,
  rule: SafetyRule,
  judge: string,
  evidence: readonly Evidence[],
): Promise<number> {
  if (evidence.length === 0) return 0;
  return inTransaction(db, async (client) => {
    // First, as every writer: it keeps the pictures what they are until this is stored.
    const version = await nextVersion(client);
    const { rows } = await client.query<{ item_ref: ItemRef; in_force: boolean }>(
      `insert into item_evidence as e (item_ref, judge, in_force, scores, frames)
       select i.ref, $2, i.classify and not exists
         (select 1 from item_evidence f where f.item_ref = i.ref and f.in_force), r.scores, r.frames
       from json_to_recordset($1::json) as r (ref int, url text, scores jsonb, frames smallint)
       join items i on i.ref = r.ref and i.url = r.url and i.status = ${ITEM_STATUS.live}
       on conflict (item_ref, judge) do update set scores = excluded.scores, frames = excluded.frames, measured_at = now()
       returning item_ref, in_force`,
      [JSON.stringify(evidence), judge],
    );
    const acting = rows.filter(({ in_force }) => in_force).map(({ item_ref }) => item_ref);
    await judgeAgain(client, acting, version, rule);
    return version;
  });
}
