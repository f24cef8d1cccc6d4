import { fitAdditive, type Likeness } from './additive.ts';
import type { Calibration } from './calibration.ts';
import { borda, consistent, mean, reciprocalRanks } from './methods.ts';
import type { Call } from './plan.ts';

/** What came back from one call; items without a usable score are not in `scores`. */
export type Answer = { call: Call; scores: ReadonlyMap<string, number> };

export type Aggregated = {
  id: string;
  /** Comparable within one list alone; in points of the answers for `additive` and `mean`. */
  score: number;
  /** Standard deviation of the item's scores, in points; null where it has fewer than two. */
  disagreement: number | null;
};

/** What is known of the items without the model, and of the model without this list; `additive` alone uses it. */
export type Knowledge = { likeness?: Likeness; known?: Calibration };

const METHODS = {
  additive: (answers: readonly Answer[], { likeness, known }: Knowledge) =>
    fitAdditive(answers, likeness, known).items,
  mean,
  borda,
  rrf: reciprocalRanks,
  'permutation-self-consistency': consistent,
} satisfies Record<string, (answers: readonly Answer[], knowledge: Knowledge) => Map<string, number>>;

export type Method = keyof typeof METHODS;
export const METHOD_NAMES = Object.keys(METHODS) as Method[];

/** One score an item from all calls of a list, best first. What no call has scored is not in it. */
export function aggregate(
  answers: readonly Answer[],
  { method, ...knowledge }: { method: Method } & Knowledge,
): Aggregated[] {
  const heard = answers.filter(({ scores }) => scores.size > 0);
  if (heard.length === 0) return [];
  return [...METHODS[method](heard, knowledge)]
    .map(([id, score]) => ({ id, score, disagreement: disagreementOf(heard, id) }))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}

/**
 * Whether one more order changed nothing that would be seen: the same items on the first places, in the same
 * order.
 * @param before of one order less
 */
export const isStable = (
  before: readonly Aggregated[],
  after: readonly Aggregated[],
  { top }: { top: number },
): boolean =>
  before.length === after.length && after.slice(0, top).every(({ id }, place) => before[place]!.id === id);

function disagreementOf(answers: readonly Answer[], id: string): number | null {
  const scores = answers.flatMap(({ scores }) => scores.get(id) ?? []);
  if (scores.length < 2) return null;
  const middle = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const squares = scores.reduce((sum, score) => sum + (score - middle) ** 2, 0);
  return Math.sqrt(squares / (scores.length - 1));
}
