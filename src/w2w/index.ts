import type { Readable } from 'node:stream';
import type { Jobs } from '../jobs/index.ts';
import { type DirectionRow, type EditRow, getDerived, listDerived } from './derived-rows.ts';
import { DIRECTION_KIND, type DirectionWish, startDirection } from './directions.ts';
import { EDIT_KIND, type EditWish, editFile, startEdit } from './edits.ts';
import type { Personalization } from './personal/rows.ts';
import type { PersonalParts } from './personal/run.ts';
import { openPersonalizations } from './personal/service.ts';
import { usableSpace as findUsable, getSpace, listSpaces, type Space } from './space-rows.ts';
import { KIND as SPACE, type SpaceParts, type SpaceWish, startSpace } from './spaces.ts';

export type { Derived, DirectionRow, EditRow } from './derived-rows.ts';
export { addLoraFile } from './files.ts';
export { keepPlaces } from './keep-places.ts';
export { type Labels, labelsByClip, wordsAndPictures } from './labels.ts';
export { type Looks, looksOf, MADE } from './looks.ts';
export type { Personalization, Steps } from './personal/rows.ts';
export { type Pair, preferredBy } from './personal/verdict-step.ts';
export { coordinatesIn, PLACE_SPACES, placeLoras } from './places.ts';
export { REFUSED_BECAUSE, WITH_CREATOR } from './rights.ts';
export type { Space } from './space-rows.ts';
export type { SpaceParts, SpaceWish } from './spaces.ts';

/** Trainings that are started here, where the rights of what they use are kept. */
export const W2W_KINDS: Record<string, string> = {
  [SPACE]: 'POST /admin/w2w/spaces',
  [DIRECTION_KIND]: 'POST /admin/w2w/directions',
  [EDIT_KIND]: 'POST /admin/w2w/edits',
};

export type W2w = {
  startSpace(wish: SpaceWish): Promise<Space>;
  getSpace(id: string): Promise<Space>;
  listSpaces(): Promise<Space[]>;
  /** For whatever makes something new of a space. */
  usableSpace(id: string): Promise<Space & { artifact: string }>;
};

/** Spaces of LoRA weights: asked for here, built by a sidecar. */
export const openW2w = (parts: SpaceParts): W2w => ({
  startSpace: (wish) => startSpace(parts, wish),
  getSpace: (id) => getSpace(parts.db, id),
  listSpaces: () => listSpaces(parts.db),
  usableSpace: (id) => findUsable(parts.db, parts.home, id),
});

export type W2wEdits = {
  startDirection(wish: DirectionWish): Promise<DirectionRow>;
  getDirection(id: string): Promise<DirectionRow>;
  listDirections(): Promise<DirectionRow[]>;
  startEdit(wish: EditWish): Promise<EditRow>;
  getEdit(id: string): Promise<EditRow>;
  listEdits(): Promise<EditRow[]>;
  editFile(id: string, which: 'lora' | 'preview'): Promise<{ bytes: number; stream: Readable }>;
  startPersonalization(userId: string, space?: string): Promise<Personalization>;
  getPersonalization(id: string): Promise<Personalization>;
  listPersonalizations(): Promise<Personalization[]>;
  cancelPersonalization(id: string): Promise<Personalization>;
  stop(): void;
};

/** Directions in spaces, LoRAs edited along them, and a person's whole way from liked pictures to those. */
export async function openW2wEdits(
  parts: PersonalParts & { jobs: Pick<Jobs, 'send' | 'work'> },
): Promise<W2wEdits> {
  const { db } = parts;
  const personalizations = await openPersonalizations(parts);
  return {
    startDirection: (wish) => startDirection(parts, wish),
    getDirection: (id) => getDerived(db, 'directions', id),
    listDirections: () => listDerived(db, 'directions'),
    startEdit: (wish) => startEdit(parts, wish),
    getEdit: (id) => getDerived(db, 'edits', id),
    listEdits: () => listDerived(db, 'edits'),
    editFile: (id, which) => editFile(parts, id, which),
    startPersonalization: personalizations.start,
    getPersonalization: personalizations.get,
    listPersonalizations: personalizations.list,
    cancelPersonalization: personalizations.cancel,
    stop: personalizations.stop,
  };
}
