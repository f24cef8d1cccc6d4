import type { Weighed } from './estimate.ts';
import type { LoggedList } from './types.ts';

const FOLDS = 2;

/**
 * A reward model for the doubly robust estimator: how much an item is liked by its rank in score among the
 * list's, times the examination of its position. Learned on the other half of the people, so that its
 * errors are independent of what it corrects (cross-fitting; Chernozhukov et al. 2018).
 */
export function learnReward(lists: Weighed[], attention: number[], depth: number) {
  const ranks = new Map(lists.map((weighed) => [weighed, ranksOf(weighed.logged)]));
  const fold = foldsOf(lists);
  const longest = Math.max(0, ...lists.map(({ logged }) => logged.list.scores.length));
  const clicks = Array.from({ length: FOLDS }, () => new Float64Array(longest));
  const looks = Array.from({ length: FOLDS }, () => new Float64Array(longest));
  for (const weighed of lists)
    for (let position = 0; position < Math.min(depth, weighed.logged.served); position++) {
      const rank = ranks.get(weighed)![position]!;
      clicks[fold(weighed)]![rank]! += Number(weighed.logged.clicks[position]);
      looks[fold(weighed)]![rank]! += attention[position]!;
    }
  const liking = (weighed: Weighed, place: number): number => {
    const [other, rank] = [1 - fold(weighed), ranks.get(weighed)![place]!];
    return looks[other]![rank]! === 0 ? 0 : clicks[other]![rank]! / looks[other]![rank]!;
  };
  return {
    /** Expected click on a place's item at a position. */
    of: (weighed: Weighed, place: number, position: number) => attention[position]! * liking(weighed, place),
    /** Expected clicks on the whole list as the target draws it. */
    expected(weighed: Weighed): number {
      const { wanted, logged } = weighed;
      const shown = Math.min(depth, logged.served);
      let sum = 0;
      for (let place = 0; place * depth < wanted.length; place++) {
        const liked = liking(weighed, place);
        for (let position = 0; position < shown; position++)
          sum += wanted[place * depth + position]! * attention[position]! * liked;
      }
      return sum;
    },
  };
}

/** 0 for the highest score. */
function ranksOf({ list }: LoggedList): Int32Array {
  const ranks = new Int32Array(list.scores.length);
  [...list.scores.keys()]
    .sort((a, b) => list.scores[b]! - list.scores[a]!)
    .forEach((place, rank) => {
      ranks[place] = rank;
    });
  return ranks;
}

/** People in turn: all lists of one are in one fold. */
function foldsOf(lists: Weighed[]): (weighed: Weighed) => number {
  const folds = new Map<string, number>();
  for (const { logged } of lists) if (!folds.has(logged.person)) folds.set(logged.person, folds.size % FOLDS);
  return ({ logged }) => folds.get(logged.person)!;
}
