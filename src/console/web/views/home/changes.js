import { removedBy, whyRemoved } from '../../parts/removed.js';

/** @import { ListTrace, Page, PageItem } from '../../types.ts' */
/** @typedef {{ by: number | null, why: string }} Move `by`: places up; null: it was not there before. */
/** @typedef {{ moves: Map<string, Move>, gone: { item: PageItem, why: string }[], counts: { new: number, up: number, down: number, gone: number } }} Changes */
/** @typedef {{ type: string, item: PageItem | null }} Deed What was done in between. */

/** Parts of a score below this are noise of rounding. */
const TOLD = 0.002;

/**
 * What one list has that the one before it had not, and why as far as the lists say it.
 * @param {Page} before @param {Page} after @param {Deed} deed @returns {Changes}
 */
export function changesBetween(before, after, deed) {
  const was = new Map(before.items.map((item, place) => [item.id, { item, place }]));
  const partsBefore = partsOf(before.trace);
  const partsAfter = partsOf(after.trace);
  /** @type {Changes['moves']} */
  const moves = new Map();
  const counts = { new: 0, up: 0, down: 0, gone: 0 };
  after.items.forEach((item, place) => {
    const old = was.get(item.id);
    const by = old ? old.place - place : null;
    if (by === 0) return;
    if (by === null) counts.new++;
    else if (by > 0) counts.up++;
    else counts.down++;
    moves.set(item.id, {
      by,
      why: whyHere(item, by, partsBefore.get(item.id), partsAfter.get(item.id), deed),
    });
  });
  const removed = removedBy(after.trace);
  const here = new Set(after.items.map(({ id }) => id));
  const gone = before.items
    .filter(({ id }) => !here.has(id))
    .map((item) => ({ item, why: whyGone(item, removed.get(item.id), deed) }));
  counts.gone = gone.length;
  return { moves, gone, counts };
}

/**
 * @param {PageItem} item
 * @param {number | null} by Places up; null: it was not in the list before.
 * @param {Record<string, number> | undefined} before @param {Record<string, number> | undefined} after @param {Deed} deed
 */
function whyHere(item, by, before, after, deed) {
  if (deed.item && item.explanation.evidence.includes(deed.item.id))
    return 'what was just done speaks for it';
  if (item.sources.length === 1 && item.sources[0] === 'new') return 'tried out, nobody has met it yet';
  if (by === null) return `brought by ${item.sources.join(', ')}`;
  const change = biggestChange(before ?? {}, after ?? {}, Math.sign(by));
  if (change) return `${change.name} ${by > 0 ? '+' : '−'}${change.size.toFixed(3)}`;
  if (deed.type === 'more' || deed.type === 'less') return 'held against the new words';
  return 'others moved past it, or away';
}

/** @param {PageItem} item @param {string | undefined} reason The rule that keeps it out now. @param {Deed} deed */
function whyGone(item, reason, deed) {
  if (item.id === deed.item?.id) return deed.type === 'hide' ? 'hidden for good' : whyRemoved('seen');
  return reason ? whyRemoved(reason) : 'displaced by what fits better now';
}

/**
 * The part of the score that changed most in the direction it moved; parts that went the other way do not say why.
 * @param {Record<string, number>} before @param {Record<string, number>} after @param {number} direction 1 or -1
 */
function biggestChange(before, after, direction) {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  let biggest = { name: '', size: TOLD };
  for (const name of names) {
    const size = direction * ((after[name] ?? 0) - (before[name] ?? 0));
    if (size > biggest.size) biggest = { name, size };
  }
  return biggest.name === '' ? null : biggest;
}

/** @param {ListTrace | undefined} trace */
const partsOf = (trace) => new Map(trace?.items.map(({ id, parts }) => [id, parts]));
