import { usableSpace as findUsable, getSpace, listSpaces, type Space } from './space-rows.ts';
import { type SpaceParts, type SpaceWish, startSpace } from './spaces.ts';

export { addLoraFile } from './files.ts';
export { REFUSED_BECAUSE, WITH_CREATOR } from './rights.ts';
export type { Space } from './space-rows.ts';
export type { SpaceParts, SpaceWish } from './spaces.ts';
export { KIND as SPACE_KIND } from './spaces.ts';

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
