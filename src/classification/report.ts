import { ITEM_STATUS } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';

export type ClassificationReport = {
  judge: string;
  /** Live items by what is in force of classifiers. */
  evidence: { inForce: number; waiting: number };
  held: number;
  disputed: number;
  /** Pictures that could not be looked at, by code. */
  failures: Record<string, number>;
};

export async function classificationReport(db: Database, judge: string): Promise<ClassificationReport> {
  const [[evidence], [items], failed] = await Promise.all([
    query<{ in_force: string; waiting: string }>(
      db,
      `select count(*) filter (where e.in_force) as in_force, count(*) filter (where not e.in_force) as waiting
       from item_evidence e join items i on i.ref = e.item_ref where i.status = ${ITEM_STATUS.live}`,
      [],
    ),
    query<{ held: string; disputed: string }>(
      db,
      `select count(*) as held, count(*) filter (where 'disputed' = any(safety_reasons)) as disputed
       from items where status = ${ITEM_STATUS.live} and effective_level = 0`,
      [],
    ),
    query<{ code: string; n: string }>(
      db,
      `select a.code, count(*) as n from classification_attempts a join items i on i.ref = a.item_ref
       where a.code is not null and i.status = ${ITEM_STATUS.live} and i.url = a.picture group by a.code order by a.code`,
      [],
    ),
  ]);
  return {
    judge,
    evidence: { inForce: Number(evidence?.in_force ?? 0), waiting: Number(evidence?.waiting ?? 0) },
    held: Number(items?.held ?? 0),
    disputed: Number(items?.disputed ?? 0),
    failures: Object.fromEntries(failed.map(({ code, n }) => [code, Number(n)])),
  };
}
