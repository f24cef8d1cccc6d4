import { type Database, inTransaction } from '../db/index.ts';
import { type Decision, effectiveLevel, type SafetyRule } from '../safety/index.ts';
import { decisionOf, JUDGED_COLUMNS, type JudgedRow, storeDecisions } from './judge.ts';
import { textOf } from './rows.ts';
import { nextVersion, type Queryable } from './sql.ts';
import { ITEM_STATUS, type ItemKind, type ItemRef, KIND_NAME } from './types.ts';

/** An item that would come to another level, or has. */
export type LevelChange = { kind: ItemKind; id: string; from: number; to: number; reasons: string[] };
export type Rejudging = {
  rule: SafetyRule;
  /** TEXT_MARK bits of a text. */
  marks: (text: string) => number;
  /** Whose evidence counts from now on; what it has not seen keeps the evidence it has. */
  judge: string;
};

const PAGE = 500;
type Row = JudgedRow & {
  kind: number;
  id: string;
  title: string;
  tags: string[];
  prompt: string;
  description: string;
};
type Judged = { row: Row; marks: number; decision: Decision };

/**
 * Decides anew of every live item that other thresholds or another version of the classifiers decided of. Nothing
 * acts before it is told: without `apply` the changes are only listed.
 * @returns how many items were looked at, and the last catalogue version written (0 = none)
 */
export async function rejudge(
  db: Database,
  parts: Rejudging,
  apply: boolean,
  tell: (changes: LevelChange[], last: ItemRef) => void,
): Promise<{ items: number; version: number }> {
  let [after, items, version] = [0, 0, 0];
  for (;;) {
    const judged = (await readPage(db.pool, parts, after)).map((row) => judgedOf(row, parts));
    const last = judged.at(-1)?.row.ref;
    if (last === undefined) return { items, version };
    if (apply) version = await inTransaction(db, (client) => applyPage(client, parts, judged));
    tell(judged.flatMap(changeOf), last);
    items += judged.length;
    after = last;
  }
}

const readPage = async (client: Queryable, { rule, judge }: Rejudging, after: ItemRef, refs?: ItemRef[]) =>
  (
    await client.query<Row>(
      `select ${JUDGED_COLUMNS}, i.kind, i.id, i.title, i.tags, i.prompt, i.description,
         coalesce(n.scores, e.scores) as scores
       from items i
       left join item_evidence e on e.item_ref = i.ref and e.in_force
       left join item_evidence n on n.item_ref = i.ref and not n.in_force and n.judge = $2
       where i.ref > $1 and i.status = ${ITEM_STATUS.live} and (i.safety_rule <> $3 or n.item_ref is not null)
         and ($4::int[] is null or i.ref = any($4))
       order by i.ref limit ${PAGE}`,
      [after, judge, rule.version, refs ?? null],
    )
  ).rows;

function judgedOf(row: Row, { rule, marks }: Rejudging): Judged {
  const found = marks(textOf(row));
  return { row, marks: found, decision: decisionOf({ ...row, text_marks: found }, rule) };
}

const changeOf = ({ row, decision }: Judged): LevelChange[] => {
  const to = effectiveLevel(decision);
  const { effective_level: from, id } = row;
  return from === to ? [] : [{ kind: KIND_NAME[row.kind]!, id, from, to, reasons: decision.reasons }];
};

/** Read again under the catalogue's lock, since anything may have changed since. */
async function applyPage(client: Queryable, parts: Rejudging, listed: Judged[]): Promise<number> {
  const version = await nextVersion(client);
  const refs = listed.map(({ row }) => row.ref);
  const judged = (await readPage(client, parts, 0, refs)).map((row) => judgedOf(row, parts));
  await client.query(
    `delete from item_evidence e using item_evidence n
     where e.item_ref = any($1::int[]) and e.in_force and n.item_ref = e.item_ref and n.judge = $2 and not n.in_force`,
    [refs, parts.judge],
  );
  await client.query(
    'update item_evidence set in_force = true where item_ref = any($1::int[]) and judge = $2 and not in_force',
    [refs, parts.judge],
  );
  await client.query(
    `update items i set text_marks = r.marks
     from unnest($1::int[], $2::smallint[]) as r (ref, marks) where i.ref = r.ref and i.text_marks <> r.marks`,
    [judged.map(({ row }) => row.ref), judged.map(({ marks }) => marks)],
  );
  await storeDecisions(
    client,
    judged.map(({ row, decision }) => ({ ref: row.ref, decision })),
    version,
    parts.rule,
  );
  return version;
}
