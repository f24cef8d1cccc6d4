/** @import { ListTrace } from '../types.ts' */

/** Why something is not in a list, by the rule that says so. @type {Record<string, string>} */
const WHY = {
  safety: 'held back, blocked, or above the level asked for',
  availability: 'cannot be had, or not under a licence this person can use',
  hidden: 'hidden or disliked, or of a creator or with a tag that is hidden',
  seen: 'already acted on, and not recommended again',
  'own-work': 'the person’s own work',
  requested: 'left out by the request, or without the tags it asks for',
  'near-duplicate': 'shows the same picture as something that fits better',
  'creator-cap': 'more by one creator than may stand together',
};

/** @param {string} reason */
export const whyRemoved = (reason) => WHY[reason] ?? reason;

/** The rule that kept each named item out. @param {ListTrace | undefined} trace @returns {Map<string, string>} */
export const removedBy = (trace) =>
  new Map((trace?.removed ?? []).flatMap(({ reason, items }) => items.map(({ id }) => [id, reason])));
