import { call } from '../api.js';

/** @import { Item, Kind } from '../types.ts' */

/** @type {Map<string, Promise<Item | null>>} */
const known = new Map();

/**
 * An item by its id, asked for once. Null: gone, or not for this key.
 * @param {Kind} kind @param {string} id @returns {Promise<Item | null>}
 */
export function itemOf(kind, id) {
  const name = `${kind}:${id}`;
  const asked =
    known.get(name) ??
    call(`/items/${kind}/${encodeURIComponent(id)}`).then(
      (item) => /** @type {Item} */ (item),
      () => null,
    );
  known.set(name, asked);
  return asked;
}
