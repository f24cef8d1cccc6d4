import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { HamletError } from '../errors.ts';
import { type EditRow, getDerived, ofStep, type Step } from './derived-rows.ts';
import type { EditParts } from './directions.ts';
import { usableLora } from './members.ts';
import { usableSpace } from './space-rows.ts';

export const EDIT_KIND = 'edit-w2w-lora';

export type EditWish = {
  space: string;
  /** `mean`, or the id of a LoRA. */
  base: string;
  directions: { id: string; alpha: number }[];
  /** Each direction without what the others say. */
  orthogonal?: boolean;
  /** Part of the way to another LoRA. */
  towards?: { lora: string; share: number };
  /** Of the change in each layer at most. */
  rank?: number;
  format?: 'diffusers' | 'kohya';
  preview?: { prompts: string[]; seed?: number; steps?: number };
};

/**
 * Queues the making of an edited LoRA.
 * @throws HamletError what `usableSpace` and `usableLora` throw; `direction-not-ready`, `direction-stale` (409),
 *   `direction-of-another-space`, `edit-empty` (422)
 */
export async function startEdit(
  parts: EditParts,
  wish: EditWish,
  userRef: number | null = null,
  step?: Step,
): Promise<EditRow> {
  const { db, home, trainings } = parts;
  const space = await usableSpace(db, home, wish.space);
  if (wish.directions.length === 0 && wish.towards === undefined)
    throw new HamletError('edit-empty', 422, 'An edit has a direction, or a LoRA to go towards.');
  const { base, towards, orthogonal, rank, format, preview } = wish;
  const spec = {
    ...{ space: space.artifact, model: space.spec.base, orthogonal, rank, format, preview },
    base: base === 'mean' ? base : await usableLora(db, base),
    directions: await Promise.all(wish.directions.map((each) => usableDirection(parts, space.id, each))),
    ...(towards && { towards: { ...(await usableLora(db, towards.lora)), share: towards.share } }),
  };
  const own = [space.id, JSON.stringify(wish), userRef, ...ofStep(step)];
  const training = await trainings.start(EDIT_KIND, spec, (client, id) =>
    client.query(
      `insert into w2w_edits (id, space_id, wish, user_ref, personalization, preference)
       values ($1, $2, $3, $4, $5, $6)`,
      [id, ...own],
    ),
  );
  return getDerived(db, 'edits', training.id);
}

async function usableDirection({ db }: EditParts, spaceId: string, { id, alpha }: EditWish['directions'][0]) {
  const direction = await getDerived(db, 'directions', id);
  if (direction.spaceId !== spaceId)
    throw new HamletError('direction-of-another-space', 422, `${direction.name} is of another space.`);
  if (direction.state === 'stale')
    throw new HamletError('direction-stale', 409, `${direction.name} may not be used any more.`);
  if (direction.state !== 'ready' || direction.artifact === null)
    throw new HamletError('direction-not-ready', 409, `${direction.name} is ${direction.state}.`);
  return { artifact: direction.artifact, alpha };
}

const FILES = { lora: 'lora.safetensors', preview: 'preview.png' } as const;

/** @throws HamletError `edit-unknown` (404), `edit-stale`, `edit-not-ready` (409), `edit-file-missing` (404) */
export async function editFile(
  { db, home }: Pick<EditParts, 'db' | 'home'>,
  id: string,
  which: keyof typeof FILES,
): Promise<{ bytes: number; stream: Readable }> {
  const edit = await getDerived(db, 'edits', id);
  if (edit.state === 'stale')
    throw new HamletError('edit-stale', 409, 'Something in it may not be used any more.');
  if (edit.state !== 'ready' || edit.artifact === null)
    throw new HamletError('edit-not-ready', 409, `The edit is ${edit.state}.`);
  const path = join(home, 'artifacts', edit.artifact, FILES[which]);
  const found = await stat(path).catch(() => null);
  if (found === null) throw new HamletError('edit-file-missing', 404, `The edit has no ${which}.`);
  return { bytes: found.size, stream: createReadStream(path) };
}
