import { type Database, query } from '../db/index.ts';
import type { HamletError } from '../errors.ts';
import { ITEM_STATUS, type ItemRef } from './types.ts';

/** A picture that this process has taken upon itself to look at, for `LEASE` at most. */
export type Claim = { ref: ItemRef; url: string };
/** How far the catalogue has been looked through: items are ordered by version, then ref. */
export type Position = { version: number; ref: ItemRef };

/** A process that was killed holds its pictures back no longer than this. */
const LEASE = "interval '2 minutes'";
/** Waiting doubles from a minute to a day. */
const RETRY = "least(interval '1 minute' * power(2, attempts), interval '1 day')";
const GIVE_UP_AFTER = 12;

export type PictureQueue = {
  /**
   * Pictures nobody has looked at yet, the oldest change first.
   * @returns what was claimed, and where to go on; `done` when everything up to now was seen
   */
  claimNew(
    maker: string,
    from: Position,
    limit: number,
  ): Promise<{ claims: Claim[]; next: Position; done: boolean }>;
  /** Pictures whose time to be tried again has come, and those whose claim ran out. */
  claimDue(maker: string, limit: number): Promise<Claim[]>;
  /** Those that succeeded, or are not wanted any more. */
  forget(refs: ItemRef[]): Promise<void>;
  /** What can never succeed as it is (a status below 500) is not tried again until the picture is another. */
  fail(ref: ItemRef, error: HamletError): Promise<void>;
  /** Lets others have them at once: what looks at them failed, not the pictures. */
  release(refs: ItemRef[]): Promise<void>;
  /** Everything is due now: what failed, what was given up, and what a process that ended had claimed. */
  retryAll(): Promise<void>;
};

/**
 * Work on pictures without a queue beside the truth: what is wanted of an item and not there is to be done, and a
 * table of attempts holds only what is claimed or failed.
 * @param attempts the table
 * @param wanted SQL over a live item `i` and the maker `$1`: whether it still is to be done
 */
export function pictureQueue(db: Database, attempts: string, wanted: string): PictureQueue {
  return {
    async claimNew(maker, from, limit) {
      const rows = await query<Claim & { version: string; mine: boolean }>(
        db,
        `with next as materialized (
           select i.ref, i.url, i.version from items i
           where i.version >= $2 and (i.version, i.ref) > ($2, $3) and i.status = ${ITEM_STATUS.live}
             and i.url <> '' and ${wanted}
           order by i.version, i.ref limit $4
         ), claimed as (
           insert into ${attempts} as a (item_ref, picture, encoder, retry_at)
           select ref, url, $1, now() + ${LEASE} from next
           on conflict (item_ref) do update set picture = excluded.picture, encoder = excluded.encoder, attempts = 0,
             code = null, reason = null, retry_at = excluded.retry_at, updated_at = now()
           where (a.picture, a.encoder) <> (excluded.picture, excluded.encoder)
           returning item_ref
         )
         select next.*, claimed.item_ref is not null as mine
         from next left join claimed on claimed.item_ref = next.ref order by next.version, next.ref`,
        [maker, from.version, from.ref, limit],
      );
      const last = rows.at(-1);
      return {
        claims: rows.filter(({ mine }) => mine).map(({ ref, url }) => ({ ref, url })),
        next: last === undefined ? from : { version: Number(last.version), ref: last.ref },
        done: rows.length < limit,
      };
    },

    async claimDue(maker, limit) {
      const rows = await query<Claim & { wanted: boolean }>(
        db,
        `with due as (
           select item_ref from ${attempts} where retry_at <= now()
           order by retry_at limit $2 for update skip locked
         )
         update ${attempts} a set retry_at = now() + ${LEASE}, picture = i.url, encoder = $1
         from due, items i where a.item_ref = due.item_ref and i.ref = due.item_ref
         returning i.ref, i.url, i.status = ${ITEM_STATUS.live} and i.url <> '' and ${wanted} as wanted`,
        [maker, limit],
      );
      await this.forget(rows.filter(({ wanted }) => !wanted).map(({ ref }) => ref));
      return rows.filter(({ wanted }) => wanted).map(({ ref, url }) => ({ ref, url }));
    },

    async forget(refs) {
      if (refs.length > 0) await query(db, `delete from ${attempts} where item_ref = any($1::int[])`, [refs]);
    },

    async fail(ref, { code, status, message }) {
      await query(
        db,
        `update ${attempts} set attempts = attempts + 1, code = $2, reason = $3, updated_at = now(),
           retry_at = case when $4 or attempts + 1 >= ${GIVE_UP_AFTER} then 'infinity' else now() + ${RETRY} end
         where item_ref = $1`,
        [ref, code, message.slice(0, 500), status < 500],
      );
    },

    async release(refs) {
      await query(db, `update ${attempts} set retry_at = now() where item_ref = any($1::int[])`, [refs]);
    },

    async retryAll() {
      await query(db, `update ${attempts} set retry_at = now(), attempts = 0`, []);
    },
  };
}
