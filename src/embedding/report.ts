import { ITEM_STATUS, type ItemKind, KIND_NAME } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';

export type EmbeddingReport = {
  /** Live items by where their content vector comes from. */
  vectors: { declared: number; measured: number; missing: number };
  /** Pictures that could not be read, by code. */
  failures: Record<string, number>;
};

/** How many items can be seen, and why others cannot. `missing` are live items with a picture and no vector. */
export async function embeddingReport(db: Database): Promise<EmbeddingReport> {
  const [[counted], failed] = await Promise.all([
    query<{ declared: string; measured: string; missing: string }>(
      db,
      `select count(*) filter (where v.source = 'declared') as declared,
         count(*) filter (where v.source <> 'declared') as measured,
         count(*) filter (where v.source is null and i.url <> '') as missing
       from items i left join item_vectors v on v.item_ref = i.ref and v.space = 'clip'
       where i.status = ${ITEM_STATUS.live}`,
      [],
    ),
    query<{ code: string; n: string }>(
      db,
      `select a.code, count(*) as n from embedding_attempts a join items i on i.ref = a.item_ref
       where a.code is not null and i.status = ${ITEM_STATUS.live} and i.url = a.picture group by a.code order by a.code`,
      [],
    ),
  ]);
  return {
    vectors: {
      declared: Number(counted?.declared ?? 0),
      measured: Number(counted?.measured ?? 0),
      missing: Number(counted?.missing ?? 0),
    },
    failures: Object.fromEntries(failed.map(({ code, n }) => [code, Number(n)])),
  };
}

/** Whether any item has something to look at. */
export async function hasPictures(db: Database): Promise<boolean> {
  const rows = await query(
    db,
    `select 1 from items where status = ${ITEM_STATUS.live} and url <> '' limit 1`,
    [],
  );
  return rows.length > 0;
}

export type EmbeddingFailure = {
  kind: ItemKind;
  id: string;
  code: string;
  reason: string;
  attempts: number;
  /** ISO 8601; null when it is not tried again by itself. */
  retryAt: string | null;
};

/** The latest failures, for an operator to look at. */
export async function embeddingFailures(db: Database, limit: number): Promise<EmbeddingFailure[]> {
  const rows = await query<{
    kind: number;
    id: string;
    code: string;
    reason: string;
    attempts: number;
    retry_at: Date | number;
  }>(
    db,
    `select i.kind, i.id, a.code, a.reason, a.attempts, a.retry_at
     from embedding_attempts a join items i on i.ref = a.item_ref
     where a.code is not null and i.status = ${ITEM_STATUS.live} and i.url = a.picture
     order by a.updated_at desc, i.ref limit $1`,
    [limit],
  );
  return rows.map(({ kind, id, code, reason, attempts, retry_at }) => ({
    ...{ kind: KIND_NAME[kind]!, id, code, reason, attempts },
    // pg reads 'infinity' as the number.
    retryAt: retry_at instanceof Date ? retry_at.toISOString() : null,
  }));
}
