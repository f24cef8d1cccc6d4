import { type Database, inTransaction, isDataError, translateDatabaseError } from '../db/index.ts';
import { badInput } from '../errors.ts';
import { faultOf } from './check.ts';
import { judgeAgain } from './judge.ts';
import { ensureRefs, ensureUsers, type KnownRefs, keyOf } from './refs.ts';
import { digestOf, type Judges, rowsOf } from './rows.ts';
import { nextVersion, type Queryable } from './sql.ts';
import {
  ITEM_STATUS,
  type ItemInput,
  type ItemRef,
  KIND_CODE,
  type PutResult,
  type SafetyPolicy,
} from './types.ts';
import { dropEvidence, type WritableRow, writeRows, writeVectors } from './write.ts';

/** Rows a statement carries: enough to forget the round trip, few enough to keep each message small. */
const CHUNK = 1_000;

export type PutParts = { db: Database; known: KnownRefs; judges: Judges; contentDims: number };
type Pending = { key: string; item: ItemInput; digest: string };
type Existing = { ref: ItemRef; status: number; digest: string | null; url: string };

/**
 * Stores items, each replacing what was stored under its name, in one transaction. An item that cannot be stored
 * is `rejected` with a code and pointer and takes nothing else with it. Of several items of one name the last
 * counts and all report its outcome.
 * @returns one result an item, in order, and the catalogue version written (0 when nothing changed).
 */
export async function putItems(
  parts: PutParts,
  items: readonly unknown[],
  policy: SafetyPolicy,
): Promise<{ results: PutResult[]; version: number }> {
  checkPolicy(policy);
  const checked = items.map((item) => checkOne(item, parts, policy));
  const wanted = new Map<string, Pending>();
  for (const one of checked) if ('key' in one) wanted.set(one.key, one);

  const outcomes = new Map<string, PutResult>();
  const stored = await findExisting(parts.db.pool, [...wanted.values()]).catch((error) => {
    throw translateDatabaseError(error);
  });
  for (const { key, digest } of wanted.values()) {
    const existing = stored.get(key);
    if (existing?.status === ITEM_STATUS.live && existing.digest === digest)
      outcomes.set(key, { ref: existing.ref, status: 'unchanged' });
  }
  const changed = [...wanted.values()].filter(({ key }) => !outcomes.has(key));
  const version = changed.length === 0 ? 0 : await writeOrReject(parts, changed, policy, outcomes);
  return { results: checked.map((one) => ('key' in one ? { ...outcomes.get(one.key)! } : one)), version };
}

function checkOne(
  item: unknown,
  { judges, contentDims }: PutParts,
  policy: SafetyPolicy,
): Pending | PutResult {
  const fault = faultOf(item, contentDims);
  if (fault !== null) return { ref: 0, status: 'rejected', ...fault };
  const input = item as ItemInput;
  return { key: keyOf(input.kind, input.id), item: input, digest: digestOf(input, policy, judges) };
}

/** Halves what the database will not take until the item at fault stands alone: the others are stored. */
async function writeOrReject(
  parts: PutParts,
  changed: Pending[],
  policy: SafetyPolicy,
  outcomes: Map<string, PutResult>,
): Promise<number> {
  try {
    return await write(parts, changed, policy, outcomes);
  } catch (error) {
    if (!isDataError(error)) throw error;
    if (changed.length === 1) {
      outcomes.set(changed[0]!.key, { ref: 0, status: 'rejected', code: 'value-invalid', pointer: '' });
      return 0;
    }
    const middle = changed.length >> 1;
    const first = await writeOrReject(parts, changed.slice(0, middle), policy, outcomes);
    return Math.max(first, await writeOrReject(parts, changed.slice(middle), policy, outcomes));
  }
}

async function write(
  { db, known, judges }: PutParts,
  changed: Pending[],
  policy: SafetyPolicy,
  outcomes: Map<string, PutResult>,
): Promise<number> {
  const rows = await rowsOf(changed, policy, judges);
  // Creators get their rows first and by themselves: a transaction that held them while it waited for the
  // catalogue's lock could deadlock with one that stores events of new users for new items.
  const creators = await ensureUsers(
    db.pool,
    changed.flatMap(({ item }) => item.creatorId ?? []),
  ).catch((error) => {
    throw translateDatabaseError(error);
  });
  return inTransaction(db, async (client) => {
    const version = await nextVersion(client);
    const models = await ensureRefs(client, known, changed.flatMap(modelsOf), version);
    const stored = await findExisting(client, changed);
    const writable = changed.map(({ key, item }, index): WritableRow => {
      const existing = stored.get(key);
      return {
        ...rows[index]!,
        ref: existing?.ref ?? 0,
        isNew: existing === undefined,
        isRepictured: existing !== undefined && existing.url !== (item.url ?? ''),
        creator_ref: item.creatorId === undefined ? null : creators.get(item.creatorId)!,
        model_refs: modelsOf({ item }).map((name) => models.get(keyOf(name.kind, name.id))!),
      };
    });
    for (let start = 0; start < writable.length; start += CHUNK) {
      const chunk = writable.slice(start, start + CHUNK);
      await writeRows(client, chunk, version);
      await writeVectors(client, chunk, judges.encoder.id);
      await dropEvidence(client, chunk);
      // Of what was there before, more may be known than the caller says.
      const known = chunk.filter(({ isNew }) => !isNew).map(({ ref }) => ref);
      if (known.length > 0) await judgeAgain(client, known, version, judges.rule);
    }
    changed.forEach(({ key }, index) => {
      const wasLive = stored.get(key)?.status === ITEM_STATUS.live;
      outcomes.set(key, { ref: writable[index]!.ref, status: wasLive ? 'updated' : 'created' });
    });
    return version;
  });
}

const modelsOf = ({ item }: { item: ItemInput }) =>
  [...new Set(item.modelIds)].map((id) => ({ kind: 'model' as const, id }));

async function findExisting(client: Queryable, pending: Pending[]): Promise<Map<string, Existing>> {
  if (pending.length === 0) return new Map();
  const { rows } = await client.query<[number, ItemRef, number, string | null, string]>({
    name: 'catalog-find-existing',
    text: `select w.n::int, i.ref, i.status, encode(i.digest, 'hex'), i.url
           from unnest($1::smallint[], $2::text[]) with ordinality as w (kind, id, n)
           join items i on i.kind = w.kind and i.id = w.id`,
    values: [pending.map(({ item }) => KIND_CODE[item.kind]), pending.map(({ item }) => item.id)],
    rowMode: 'array',
  });
  return new Map(
    rows.map(([n, ref, status, digest, url]) => [pending[n - 1]!.key, { ref, status, digest, url }]),
  );
}

function checkPolicy(policy: SafetyPolicy): void {
  if (policy.mode === 'level' && ![1, 2, 4, 8, 16, 32].includes(policy.level))
    throw badInput('safety-policy-invalid', 'The level of a safety policy is one of 1, 2, 4, 8, 16, 32.');
}
