import { type Decision, decide, effectiveLevel, type SafetyRule, type Scores } from '../safety/index.ts';
import type { Queryable } from './sql.ts';
import { ITEM_FLAG, ITEM_STATUS, type ItemRef, type SafetyPolicy } from './types.ts';

/** What a row says that bears on its level; decided of by src/safety alone. */
export type JudgedRow = {
  ref: ItemRef;
  status: number;
  level: number | null;
  assumed: number | null;
  classify: boolean;
  flags: number;
  toxicity: number | null;
  text_marks: number;
  moderated: number | null;
  reported: boolean;
  scores: Record<string, Scores> | null;
  effective_level: number;
};

/** Columns of `JudgedRow` but for the scores, of items as `i`. */
export const JUDGED_COLUMNS = `i.ref, i.status, i.level, i.assumed, i.classify, i.flags, i.toxicity, i.text_marks,
  i.moderated, i.reported, i.effective_level`;

export const decisionOf = (row: JudgedRow, rule: SafetyRule): Decision =>
  decide(
    {
      ...{ level: row.level, status: row.status, toxicity: row.toxicity, marks: row.text_marks },
      ...{ minor: (row.flags & ITEM_FLAG.minor) !== 0, poi: (row.flags & ITEM_FLAG.poi) !== 0 },
      isPrivate: (row.flags & ITEM_FLAG.available) === 0,
      ...{ policy: policyOf(row), pixels: row.scores, moderated: row.moderated, reported: row.reported },
    },
    rule,
  );

function policyOf({ assumed, classify }: JudgedRow): SafetyPolicy {
  if (assumed !== null) return { mode: 'level', level: assumed };
  return { mode: classify ? 'classify' : 'unknown' };
}

/** How a decision is stored, and whether a moderator should look. */
export const decisionColumns = (decision: Decision) => ({
  effective_level: effectiveLevel(decision),
  safety_source: decision.source,
  safety_reasons: decision.reasons,
  in_review: decision.held || decision.reasons.includes('minor-and-sexual'),
});

/**
 * Decides anew of items after something that bears on them has changed. Needs the catalogue's write lock; what comes
 * to another level gets the version, so that every replica hears of it.
 */
export async function judgeAgain(
  client: Queryable,
  refs: readonly ItemRef[],
  version: number,
  rule: SafetyRule,
): Promise<void> {
  const { rows } = await client.query<JudgedRow>(
    `select ${JUDGED_COLUMNS}, e.scores from items i
     left join item_evidence e on e.item_ref = i.ref and e.in_force
     where i.ref = any($1::int[]) and i.status = ${ITEM_STATUS.live}`,
    [refs],
  );
  await storeDecisions(
    client,
    rows.map((row) => ({ ref: row.ref, decision: decisionOf(row, rule) })),
    version,
    rule,
  );
}

export async function storeDecisions(
  client: Queryable,
  decided: readonly { ref: ItemRef; decision: Decision }[],
  version: number,
  rule: SafetyRule,
): Promise<void> {
  if (decided.length === 0) return;
  await client.query(
    `update items i set effective_level = r.effective_level, safety_source = r.safety_source,
       safety_reasons = r.safety_reasons, safety_rule = $3,
       version = case when i.effective_level = r.effective_level then i.version else $2::bigint end,
       review_since = case when r.in_review or exists
         (select 1 from item_reports p where p.item_ref = i.ref and not p.handled)
         then coalesce(i.review_since, now()) end
     from json_to_recordset($1::json) as r (ref int, effective_level smallint, safety_source text,
       safety_reasons text[], in_review boolean)
     where i.ref = r.ref and i.status = ${ITEM_STATUS.live}`,
    [
      JSON.stringify(decided.map(({ ref, decision }) => ({ ref, ...decisionColumns(decision) }))),
      version,
      rule.version,
    ],
  );
}
