import { type Database, translateDatabaseError } from '../db/index.ts';
import type { Freshness } from './types.ts';

const QUERY = `select u.id, u.ref, u.seq, c.value as catalogue
  from clocks c left join users u on u.id = any($1::text[]) where c.name = 'catalogue'`;
type Row = { id: string | null; ref: number; seq: number; catalogue: number };
type Wish = { userId: string; settle: (fresh: Freshness) => void; fail: (error: unknown) => void };

/**
 * What a list for a user must at least have seen. Every call is answered by a query that began after
 * it, so whatever was committed before the call is in the answer; calls that come while a query is out
 * share the next one.
 * @throws HamletError `database-unavailable` (503)
 */
export function openFreshness(db: Database): (userId: string) => Promise<Freshness> {
  let wishes: Wish[] = [];
  let asking = false;

  async function askWhileWished(): Promise<void> {
    asking = true;
    // The rest of this turn's calls may still come in.
    await null;
    while (wishes.length > 0) {
      const batch = wishes;
      wishes = [];
      try {
        answer(batch, await ask(batch));
      } catch (error) {
        const told = translateDatabaseError(error);
        for (const wish of batch) wish.fail(told);
      }
    }
    asking = false;
  }

  const ask = async (batch: Wish[]): Promise<Row[]> => {
    const values = [[...new Set(batch.map((wish) => wish.userId))]];
    return (await db.pool.query<Row>({ name: 'freshness', text: QUERY, values })).rows;
  };

  return (userId) =>
    new Promise((settle, fail) => {
      wishes.push({ userId, settle, fail });
      if (!asking) void askWhileWished();
    });
}

function answer(batch: Wish[], rows: Row[]): void {
  const catalogue = Number(rows[0]!.catalogue);
  const known = new Map(rows.map((row) => [row.id, row]));
  for (const { userId, settle } of batch) {
    const row = known.get(userId);
    settle({ user: row?.ref ?? 0, seq: Number(row?.seq ?? 0), catalogue });
  }
}
