import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SafetyPolicy } from '../catalog/types.ts';
import { type Database, query } from '../db/index.ts';
import { badInput } from '../errors.ts';

/**
 * Where an import stands, in the table `imports`: written after the rows it speaks of, so a crash repeats
 * at most one batch, which changes nothing. A finished import starts over: it finds what it had stored.
 */
export type Journal = {
  id: string;
  position: number;
  /** `position` is the last row done; counts add up over the runs. */
  advance(position: number, accepted: number, rejected: number): Promise<void>;
  finish(): Promise<void>;
};

export async function openJournal(
  db: Pick<Database, 'pool'>,
  source: { kind: string; files: string[] },
  policy: SafetyPolicy,
): Promise<Journal> {
  const id = await identify(source, policy);
  const [begun] = await query<{ position: string | number }>(
    db,
    `insert into imports as i (id, source, kind, policy) values ($1, $2, $3, $4)
     on conflict (id) do update set updated_at = now(), done = false,
       position = case when i.done then 0 else i.position end,
       accepted = case when i.done then 0 else i.accepted end,
       rejected = case when i.done then 0 else i.rejected end
     returning position`,
    [id, source.files.join('\n'), source.kind, JSON.stringify(policy)],
  );
  return {
    id,
    position: Number(begun!.position),
    async advance(position, accepted, rejected) {
      await query(
        db,
        `update imports set position = $2, accepted = accepted + $3, rejected = rejected + $4, updated_at = now()
         where id = $1`,
        [id, position, accepted, rejected],
      );
    },
    async finish() {
      await query(db, 'update imports set done = true, updated_at = now() where id = $1', [id]);
    },
  };
}

/** A changed file or another policy is another import. */
async function identify(
  { kind, files }: { kind: string; files: string[] },
  policy: SafetyPolicy,
): Promise<string> {
  const facts = await Promise.all(
    files.map(async (file) => {
      const info = await stat(file).catch((error: NodeJS.ErrnoException) => {
        throw badInput('file-unreadable', `${file} cannot be read (${error.code}).`);
      });
      return [resolve(file), info.size, Math.floor(info.mtimeMs)];
    }),
  );
  const digest = createHash('sha256')
    .update(JSON.stringify([kind, facts, policy]))
    .digest('hex');
  return `${kind}-${digest.slice(0, 16)}`;
}
