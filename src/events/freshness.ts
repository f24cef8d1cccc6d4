import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Database, translateDatabaseError } from '../db/index.ts';
import type { Freshness } from './types.ts';

// The parameter is read in a query of its own: an array whose length the planner sees makes it plan this statement
// anew each time, which for one person costs four times what the answer does.
const QUERY = `select w.id, coalesce(u.ref, 0) as "user", coalesce(u.seq, 0) as seq, c.value as catalogue, e.count as erasures
  from unnest((select $1::text[])) as w (id) cross join clocks c
  left join users u on u.id = w.id left join erasures e on e.slot = hashtext(w.id) & 4095
  where c.name = 'catalogue'`;
type Row = Freshness & { id: string };
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
    // The rest of this turn's calls may still come in: each from a connection of its own, hence by a callback.
    await nextTurn();
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
  const known = new Map(rows.map(({ id, ...fresh }) => [id, fresh]));
  for (const { userId, settle } of batch) settle(known.get(userId)!);
}
