import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalog } from '../catalog/index.ts';
import { badInput, HamletError } from '../errors.ts';
import type { ClipEncoder } from '../models/index.ts';
import { type DirectionRow, getDerived, listDerived, ofStep, type Step } from './derived-rows.ts';
import { type Labels, labelsByClip } from './labels.ts';
import { type Member, membersOf, membersSeen } from './members.ts';
import { usableSpace } from './space-rows.ts';
import type { SpaceParts } from './spaces.ts';

export const DIRECTION_KIND = 'learn-w2w-direction';

export type EditParts = SpaceParts & {
  catalog: Pick<Catalog, 'vectors'>;
  /** Null: there is nothing that sees. */
  encoder: Pick<ClipEncoder, 'encodeText'> | null;
};
/** Who says which LoRA has it: a tag of the cards, CLIP by a text, or the caller. */
export type LabelledBy = { tag: string } | { text: string } | { loras: Labels };
export type DirectionWish = { space: string; name: string; labels: LabelledBy };

/**
 * Queues the learning of a direction; whether there is one is the job's to say.
 * @throws HamletError what `usableSpace` throws; `clip-model-missing` (503), `labels-one-class` (422)
 */
export async function startDirection(parts: EditParts, wish: DirectionWish): Promise<DirectionRow> {
  const space = await usableSpace(parts.db, parts.home, wish.space);
  const labels = await labelsOf(parts, await membersOf(parts.db, space.id), wish.labels);
  return learn(parts, { ...space, name: wish.name, labelledBy: wish.labels, labels, userRef: null });
}

/** From labels that are already there. */
export async function learn(
  { db, home, trainings }: EditParts,
  asked: {
    id: string;
    artifact: string;
    name: string;
    /** Its name to the job and in the files it makes, where those may outlive a person who is erased. */
    nameOutside?: string;
    labelledBy: Record<string, unknown>;
    labels: Labels;
    userRef: number | null;
    step?: Step;
  },
): Promise<DirectionRow> {
  const { id: spaceId, name, nameOutside = name } = asked;
  const kinds = new Set(Object.values(asked.labels));
  if (kinds.size < 2)
    throw badInput('labels-one-class', 'Labels of one class only say nothing about the other.', '/labels');
  const known = await listDerived(db, 'directions', spaceId);
  const spec = {
    ...{ space: asked.artifact, name: nameOutside, labels: await writeLabels(home, asked.labels) },
    others: known
      .flatMap(({ state, artifact }) => (state === 'ready' && artifact ? [artifact] : []))
      .slice(0, 50),
  };
  const own = [spaceId, name, JSON.stringify(asked.labelledBy), asked.userRef, ...ofStep(asked.step)];
  const training = await trainings.start(DIRECTION_KIND, spec, (client, id) =>
    client.query(
      `insert into w2w_directions (id, space_id, name, labelled_by, user_ref, personalization, preference)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [id, ...own],
    ),
  );
  return getDerived(db, 'directions', training.id);
}

async function labelsOf(parts: EditParts, members: Member[], by: LabelledBy): Promise<Labels> {
  if ('loras' in by) return by.loras;
  if ('tag' in by) return Object.fromEntries(members.map(({ id, tags }) => [id, tags.includes(by.tag)]));
  if (parts.encoder === null)
    throw new HamletError('clip-model-missing', 503, 'Labels by text need a CLIP model.');
  return labelsByClip(await parts.encoder.encodeText(by.text), await membersSeen(parts, members));
}

/** Beside the artifacts, under their digest: the same labels again are the same file. */
export async function writeLabels(home: string, labels: Labels): Promise<string> {
  const text = JSON.stringify(labels);
  const name = `w2w/labels-${createHash('sha256').update(text).digest('hex').slice(0, 32)}.json`;
  const path = join(home, 'artifacts', name);
  await mkdir(join(home, 'artifacts/w2w'), { recursive: true });
  await writeFile(`${path}.partial-${process.pid}`, text, { flush: true });
  await rename(`${path}.partial-${process.pid}`, path);
  return name;
}
