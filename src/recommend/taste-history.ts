import type { Interaction } from '../events/types.ts';
import { CHOSEN } from '../models/index.ts';

/** So few choices say less than what was looked at. */
const ENOUGH = 3;

/**
 * The part of a history that says what a person likes: what they chose, or everything where that is too little.
 * @param recent oldest first, as is the result
 */
export function tasteHistory(recent: readonly Interaction[]): readonly Interaction[] {
  const chosen = recent.filter(({ strength }) => strength >= CHOSEN);
  return chosen.length >= ENOUGH ? chosen : recent;
}
