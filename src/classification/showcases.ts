import { ITEM_FLAG, ITEM_STATUS, type ItemRef, KIND_CODE } from '../catalog/types.ts';
import { query } from '../db/index.ts';
import type { Scores } from '../safety/index.ts';
import type { ClassificationParts } from './batch.ts';
import { highest } from './scores.ts';

/** Pictures that stand for a model at most: the worst, then the newest, so that later ones hide nothing. */
const PICTURES = 9;
const BATCH = 200;

/**
 * Models that have no picture of their own are judged by those that show what they make, once each of them has been
 * looked at, and again when a newer one has. A model without any stays held.
 * @returns how many models were judged
 */
export async function classifyByShowcases(
  { db, catalog, judge }: ClassificationParts,
  all: boolean,
): Promise<number> {
  const rows = await query<{ ref: ItemRef; seen: Record<string, Scores>[] }>(
    db,
    `select m.ref, shown.seen from items m
     left join item_evidence mine on mine.item_ref = m.ref and mine.judge = $1
     cross join lateral (
       select json_agg(newest.scores) as seen, bool_and(newest.scores is not null) as whole,
         max(newest.measured_at) as measured_at
       from (
         select v.scores, v.measured_at from items i
         left join item_evidence v on v.item_ref = i.ref and v.judge = $1
         where i.model_refs @> array[m.ref] and i.kind = ${KIND_CODE.image} and (i.flags & ${ITEM_FLAG.showcase}) <> 0
           and i.status = ${ITEM_STATUS.live}
         order by (i.effective_level = 0 and i.classify) desc, i.effective_level desc, i.created_at desc nulls last, i.ref
         limit ${PICTURES}) newest
     ) shown
     where m.kind = ${KIND_CODE.model} and m.status = ${ITEM_STATUS.live} and m.url = '' and (m.classify or $2)
       and shown.whole and (mine.item_ref is null or shown.measured_at > mine.measured_at)
     limit ${BATCH}`,
    [judge.id, all],
  );
  const evidence = rows.map(({ ref, seen }) => {
    const names = judge.classifiers.map(({ name }) => name);
    const scores = names.map((name) => [name, highest(seen.map((one) => one[name]!))] as const);
    return { ref, url: '', scores: Object.fromEntries(scores), frames: seen.length };
  });
  await catalog.storeEvidence(judge.id, evidence);
  return evidence.length;
}
