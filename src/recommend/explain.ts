import type { ItemColumns } from '../catalog/columns.ts';
import { type ItemCard, type ItemKind, type ItemRef, KIND_NAME } from '../catalog/types.ts';
import type { UserState } from '../events/types.ts';
import type { ListEntry } from './stored-list.ts';
import type { Explanation, Reason } from './types.ts';

/** What an explanation may draw on. `mayName`: whether this caller may be shown an item at all. */
export type ExplainContext = {
  kind: ItemKind;
  user: UserState;
  columns: ItemColumns;
  cardOf(item: ItemRef): ItemCard | undefined;
  mayName(item: ItemRef): boolean;
};

const NOUN = { image: 'picture', model: 'model' } as const;
/** Below this a person looked at something rather than liked it. */
const LIKED = 0.7;
/** History that is searched for a shared tag, and ids that are named as evidence. */
const HISTORY = 50;
const EVIDENCE = 3;
const LONGEST_NAME = 80;

/**
 * Why an entry is in the list, as its sources know it. Evidence is only ever the user's own history,
 * and an item this caller may not see is neither named nor cited, though it may have been the cause.
 */
export function explain(entry: ListEntry, context: ExplainContext): Explanation {
  const from = (source: string) => entry.sources.includes(source);
  const byItem = () => becauseOf(entry.because, context);
  const byTag = () => sharedTag(entry, context);
  if (from('sequence') || from('two-tower') || from('similar'))
    return byItem() ?? byTag() ?? bare('Popular with people of your taste', 'popular');
  if (from('taste') || from('weights'))
    return byTag() ?? byItem() ?? bare('Close to what you liked', 'attributes');
  if (from('new')) return byTag() ?? bare('New here', 'popular');
  return bare('Popular now', 'popular');
}

/** A re-ranker's reason, if what it points to is the person's own and may be named to this caller; else null. */
export function stated(
  reason: Reason | undefined,
  { user, columns, mayName }: ExplainContext,
): Explanation | null {
  if (reason === undefined) return null;
  const own = new Set(user.recent.map(({ item }) => item));
  const evidence = reason.evidence.filter((item) => own.has(item) && mayName(item)).slice(0, EVIDENCE);
  if (evidence.length === 0) return null;
  return { text: reason.text, source: reason.source, evidence: evidence.map((item) => columns.idOf(item)) };
}

const bare = (text: string, source: Explanation['source']): Explanation => ({ text, source, evidence: [] });

function becauseOf(because: ItemRef, context: ExplainContext): Explanation | null {
  const { user, columns } = context;
  const cause = because === 0 ? undefined : user.recent.findLast(({ item }) => item === because);
  if (cause === undefined || !context.mayName(because)) return null;
  const card = context.cardOf(because);
  if (card === undefined) return null;
  const what = card.title === '' ? `an earlier ${NOUN[card.kind]}` : `“${clipped(card.title)}”`;
  const verb = cause.strength >= LIKED ? 'liked' : 'looked at';
  return { text: `Because you ${verb} ${what}`, source: 'history', evidence: [columns.idOf(because)] };
}

/** The tag that the entry has in common with most of the recent history; the cause's tags first. */
function sharedTag(entry: ListEntry, context: ExplainContext): Explanation | null {
  const { user, columns } = context;
  const tags = columns.tagsOf(entry.item);
  if (tags.length === 0 || user.recent.length === 0) return null;
  const history = user.recent.slice(-HISTORY).filter(({ item }) => context.mayName(item));
  const causeTags = new Set(entry.because === 0 ? [] : columns.tagsOf(entry.because));
  let best = '';
  let bestValue = 0;
  for (const tag of tags) {
    const sharing = history.filter(({ item }) => columns.tagsOf(item).includes(tag)).length;
    const value = sharing === 0 ? 0 : sharing + (causeTags.has(tag) ? HISTORY : 0);
    if (value > bestValue) [best, bestValue] = [tag, value];
  }
  if (bestValue === 0) return null;
  const sharing = history.filter(({ item }) => columns.tagsOf(item).includes(best)).slice(-EVIDENCE);
  const verb = sharing.some(({ strength }) => strength >= LIKED) ? 'liked' : 'looked at';
  const kinds = new Set(sharing.map(({ item }) => KIND_NAME[columns.kind[item]!] ?? context.kind));
  const noun = kinds.size === 1 ? `${NOUN[[...kinds][0]!]}s` : 'works';
  return {
    text: `Like the ${clipped(best)} ${noun} you ${verb}`,
    source: 'attributes',
    evidence: sharing.map(({ item }) => columns.idOf(item)).reverse(),
  };
}

/** By code points, so that nothing is cut in two. */
export function clipped(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  return `${[...name].slice(0, LONGEST_NAME - 1).join('')}…`;
}
