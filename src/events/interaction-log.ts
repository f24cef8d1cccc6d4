import { to as copyTo } from 'pg-copy-streams';
import { type ItemKind, KIND_CODE } from '../catalog/types.ts';
import { type Database, translateDatabaseError } from '../db/index.ts';
import type { InteractionLog } from '../models/item-graph/types.ts';
import { APPROVAL } from './reducer.ts';
import { EVENT_CODE, EVENT_STRENGTH, type EventType } from './types.ts';

const TYPES = Object.entries(EVENT_CODE) as [EventType, number][];
const typesWhere = (fits: (strength: number) => boolean) =>
  TYPES.filter(([name]) => fits(EVENT_STRENGTH[name])).map(([, code]) => code);
const POSITIVE = typesWhere((strength) => strength > 0).join(',');
const APPROVING = typesWhere((strength) => strength >= APPROVAL).join(',');
const STRENGTH = `case type ${TYPES.map(([name, code]) => `when ${code} then ${EVENT_STRENGTH[name]}`).join(' ')} end`;

/**
 * One row a user and item, by the reducer's own rules: strongest positive event, last time, and none where a
 * hide, or a dislike that no later approval took back, says otherwise. Placeholders are kept (a history is
 * evidence before the catalogue knows the item); deleted items are not.
 */
const query = (kind: ItemKind, before: Date | null) => `
  select e.user_ref, e.item_ref,
    (max(${STRENGTH}) filter (where type in (${POSITIVE})))::float4 as strength,
    (max(extract(epoch from occurred_at) * 1000) filter (where type in (${POSITIVE})))::float8 as at,
    bool_and(synthetic)::int as synthetic
  from events e
  join items i on i.ref = e.item_ref and i.kind = ${KIND_CODE[kind]} and i.status <> 2
  join users u on u.ref = e.user_ref and not coalesce((u.preferences ->> 'excludeFromTraining')::boolean, false)
  ${before === null ? '' : `where e.occurred_at < '${before.toISOString()}'`}
  group by e.user_ref, e.item_ref
  having bool_or(type in (${POSITIVE})) and not bool_or(type = ${EVENT_CODE.hide})
    and coalesce(max(e.seq) filter (where type in (${APPROVING})), 0) >=
        coalesce(max(e.seq) filter (where type = ${EVENT_CODE.dislike}), 0)
  order by e.user_ref, at, max(e.seq)`;

/** Bytes of one row of PostgreSQL's binary COPY: a count of fields, then each with its length before it. */
const ROW = 2 + (4 + 4) + (4 + 4) + (4 + 4) + (4 + 8) + (4 + 4);
const HEADER = 19;

/**
 * The log as training sees it, read as one stream at ~20 bytes a row. Where at least half of it has no times,
 * all times are steps: one unit for the whole log.
 * @param before what happened later is left out
 * @throws HamletError `database-unavailable` (503)
 */
export async function readInteractionLog(
  db: Database,
  kind: ItemKind,
  before: Date | null = null,
): Promise<InteractionLog> {
  const rows = new Rows();
  const client = await db.pool
    .connect()
    .catch((error: unknown) => Promise.reject(translateDatabaseError(error)));
  try {
    await client.query('begin read only; set local statement_timeout = 0');
    const stream = client.query(copyTo(`copy (${query(kind, before)}) to stdout (format binary)`));
    for await (const chunk of stream) rows.read(chunk as Buffer);
    await client.query('commit');
    client.release();
  } catch (error) {
    client.release(error as Error);
    throw translateDatabaseError(error);
  }
  return rows.toLog();
}

/** Grows typed arrays by what the stream brings. */
class Rows {
  #count = 0;
  #users = new Int32Array(1024);
  #items = new Int32Array(1024);
  #strengths = new Float32Array(1024);
  #times = new Float64Array(1024);
  #synthetic = 0;
  #rest: Buffer = Buffer.alloc(0);
  #headerRead = false;

  read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    if (!this.#headerRead && bytes.length >= HEADER) {
      this.#headerRead = true;
      at = HEADER;
    }
    // The trailer, -1 in place of a count of fields, is shorter than a row: the loop ends before it.
    while (this.#headerRead && at + ROW <= bytes.length) {
      this.#add(bytes, at + 2);
      at += ROW;
    }
    this.#rest = bytes.subarray(at);
  }

  #add(bytes: Buffer, at: number): void {
    const n = this.#count++;
    if (n === this.#users.length) this.#grow();
    this.#users[n] = bytes.readInt32BE(at + 4);
    this.#items[n] = bytes.readInt32BE(at + 12);
    this.#strengths[n] = bytes.readFloatBE(at + 20);
    this.#times[n] = bytes.readDoubleBE(at + 28);
    this.#synthetic += bytes.readInt32BE(at + 40);
  }

  #grow(): void {
    const bigger = <T extends Int32Array | Float32Array | Float64Array>(array: T): T => {
      const next = new (array.constructor as new (length: number) => T)(array.length * 2);
      next.set(array);
      return next;
    };
    this.#users = bigger(this.#users);
    this.#items = bigger(this.#items);
    this.#strengths = bigger(this.#strengths);
    this.#times = bigger(this.#times);
  }

  toLog(): InteractionLog {
    const count = this.#count;
    const items = new Int32Array(new Set(this.#items.subarray(0, count))).sort();
    const column = new Int32Array((items.at(-1) ?? 0) + 1);
    items.forEach((item, index) => {
      column[item] = index;
    });
    const starts: number[] = [];
    for (let n = 0; n < count; n++) if (n === 0 || this.#users[n] !== this.#users[n - 1]) starts.push(n);
    const offsets = Int32Array.from([...starts, count]);
    const syntheticTime = count > 0 && this.#synthetic * 2 >= count;
    const times = this.#times.slice(0, count);
    if (syntheticTime)
      for (let user = 0; user < starts.length; user++)
        for (let n = offsets[user]!; n < offsets[user + 1]!; n++) times[n] = n - offsets[user]!;
    return {
      items,
      users: starts.length,
      offsets,
      columns: this.#items.subarray(0, count).map((item) => column[item]!),
      strengths: this.#strengths.slice(0, count),
      times,
      syntheticTime,
    };
  }
}
