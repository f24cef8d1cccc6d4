import { type ItemKind, KIND_CODE, type UserRef } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';
import type { Calibration } from './calibration.ts';
import type { Verdicts } from './types.ts';

export async function readVerdicts(db: Database, user: UserRef, kind: ItemKind): Promise<Verdicts | null> {
  const [row] = await query<{ body: Verdicts }>(
    db,
    'select body from reranks where user_ref = $1 and kind = $2',
    [user, KIND_CODE[kind]],
  );
  return row?.body ?? null;
}

/** What the newest rankings by a model have taught of it, the oldest of them first. */
export async function readLessons(
  db: Database,
  kind: ItemKind,
  version: string,
  most: number,
): Promise<Calibration[]> {
  const rows = await query<{ lesson: Calibration }>(
    db,
    `select body->'lesson' as lesson from reranks where kind = $1 and body->>'version' = $2
     order by updated_at desc limit $3`,
    [KIND_CODE[kind], version, most],
  );
  return rows.map(({ lesson }) => lesson).reverse();
}

/** Of someone who is erased meanwhile nothing is stored. */
export async function storeVerdicts(
  db: Database,
  user: UserRef,
  kind: ItemKind,
  body: Verdicts,
): Promise<void> {
  await query(
    db,
    `insert into reranks (user_ref, kind, digest, body)
     select ref, $2, $3, $4::jsonb from users where ref = $1 for key share
     on conflict (user_ref, kind) do update set digest = excluded.digest, body = excluded.body, updated_at = now()`,
    [user, KIND_CODE[kind], body.digest, JSON.stringify(body)],
  );
}
