import type { UserRef } from '../../catalog/types.ts';

/** At most CAP items of one creator in any WINDOW neighbouring positions; unknown creators (0) are not one creator. */
export const WINDOW = 10;
const CAP = 2;

/** Watches the positions filled so far. */
export class CreatorCap {
  readonly #placed: UserRef[] = [];

  /** @param ahead creators already fixed within the next positions; counted as if all were near. */
  allows(creator: UserRef, ahead: UserRef[] = []): boolean {
    if (creator === 0) return true;
    let count = 0;
    for (const other of ahead) if (other === creator) count++;
    for (let i = Math.max(0, this.#placed.length - (WINDOW - 1)); i < this.#placed.length; i++) {
      if (this.#placed[i] === creator) count++;
    }
    return count < CAP;
  }

  place(creator: UserRef): void {
    this.#placed.push(creator);
  }
}
