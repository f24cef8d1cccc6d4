import { nextVersion, type Queryable } from './sql.ts';
import { ITEM_STATUS, type ItemKind, type ItemRef, KIND_CODE, LEVEL, type UserRef } from './types.ts';

export type ItemName = { kind: ItemKind; id: string };
/** Key of an item in maps that hold both kinds. */
export const keyOf = (kind: ItemKind, id: string) => `${kind}:${id}`;

/** Whatever knows some refs already; what it does not know is looked up. */
export type KnownRefs = { refOf(kind: ItemKind, id: string): ItemRef | undefined };

/**
 * Numbers of items, with a placeholder made for each that nobody has stored yet; served never, joined when the
 * item comes. Only then does it take the catalogue's write lock, until the caller's transaction ends: call it
 * after the locks on users.
 */
export async function ensureRefs(
  client: Queryable,
  known: KnownRefs,
  items: readonly ItemName[],
  version?: number,
): Promise<Map<string, ItemRef>> {
  const refs = new Map<string, ItemRef>();
  const missing = new Map<string, ItemName>();
  for (const { kind, id } of items) {
    const ref = known.refOf(kind, id);
    if (ref === undefined) missing.set(keyOf(kind, id), { kind, id });
    else refs.set(keyOf(kind, id), ref);
  }
  await findStored(client, missing, refs);
  if (missing.size === 0) return refs;
  const clock = version ?? (await nextVersion(client));
  // Another writer may have stored them while this one waited for the lock.
  if (version === undefined) await findStored(client, missing, refs);
  await insertPlaceholders(client, missing, refs, clock);
  return refs;
}

/** Moves what the table holds from `missing` to `refs`. */
async function findStored(client: Queryable, missing: Map<string, ItemName>, refs: Map<string, ItemRef>) {
  if (missing.size === 0) return;
  const names = [...missing.values()];
  const { rows } = await client.query<[number, ItemRef]>({
    name: 'catalog-find-refs',
    text: `select w.n::int, i.ref from unnest($1::smallint[], $2::text[]) with ordinality as w (kind, id, n)
           join items i on i.kind = w.kind and i.id = w.id`,
    values: [names.map(({ kind }) => KIND_CODE[kind]), names.map(({ id }) => id)],
    rowMode: 'array',
  });
  for (const [n, ref] of rows) {
    const { kind, id } = names[n - 1]!;
    refs.set(keyOf(kind, id), ref);
    missing.delete(keyOf(kind, id));
  }
}

async function insertPlaceholders(
  client: Queryable,
  missing: Map<string, ItemName>,
  refs: Map<string, ItemRef>,
  version: number,
): Promise<void> {
  for (const kind of ['image', 'model'] as const) {
    const ids = [...missing.values()].filter((name) => name.kind === kind).map(({ id }) => id);
    if (ids.length === 0) continue;
    const { rows } = await client.query<[ItemRef, string]>({
      text: `insert into items (kind, id, status, version, effective_level)
             select $1, id, $2, $3, $4 from unnest($5::text[]) as id returning ref, id`,
      values: [KIND_CODE[kind], ITEM_STATUS.placeholder, version, LEVEL.BLOCKED, ids],
      rowMode: 'array',
    });
    for (const [ref, id] of rows) refs.set(keyOf(kind, id), ref);
  }
}

/**
 * Numbers of users, with a row (`stored` = false) made for each that nobody has stored yet. Looks before it
 * inserts, because `insert … on conflict` would use up a number for every user already there.
 */
export async function ensureUsers(client: Queryable, ids: Iterable<string>): Promise<Map<string, UserRef>> {
  const refs = new Map<string, UserRef>();
  // Sorted, so that two transactions that make the same users wait for each other instead of deadlocking.
  const wanted = [...new Set(ids)].sort();
  if (wanted.length === 0) return refs;
  const find = async () => {
    const { rows } = await client.query<[string, UserRef]>({
      name: 'catalog-find-users',
      text: 'select id, ref from users where id = any($1::text[])',
      values: [wanted.filter((id) => !refs.has(id))],
      rowMode: 'array',
    });
    for (const [id, ref] of rows) refs.set(id, ref);
  };
  await find();
  while (refs.size < wanted.length) {
    await client.query({
      text: `insert into users (id, stored) select id, false from unnest($1::text[]) as id
             on conflict (id) do nothing`,
      values: [wanted.filter((id) => !refs.has(id))],
    });
    await find();
  }
  return refs;
}
