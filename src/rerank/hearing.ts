import type { Likeness } from './additive.ts';
import type { Answer } from './aggregate.ts';
import { standardised } from './blend.ts';

/** One score in a call; the place from −½ (first) to ½ (last), likeness standardised within the list. */
export type Heard = { id: string; place: number; likeness: number; score: number };
/** A call with its means taken out. */
export type Hearing = {
  scores: Heard[];
  /** Mean score at the middle place. */
  level: number;
  /** By id, what of the score neither the call's level nor the place accounts for, and the likeness. */
  rest: Map<string, number>;
  likeness: Map<string, number>;
};

/** @returns the scores of each answer, in its order */
export function heardIn(answers: readonly Answer[], likeness: Likeness): Heard[][] {
  const ids = [...new Set(answers.flatMap(({ scores }) => [...scores.keys()]))];
  const known = standardised(ids.map((id) => likeness.get(id)));
  const alike = new Map(ids.map((id, n) => [id, known[n] ?? 0]));
  return answers.map(({ call: { items }, scores }) =>
    items.flatMap((id, at) => {
      const score = scores.get(id);
      const place = items.length === 1 ? 0 : at / (items.length - 1) - 0.5;
      return score === undefined ? [] : [{ id, place, likeness: alike.get(id)!, score }];
    }),
  );
}

/** @param slope points from the first place to the last */
export const hearingsOf = (answers: readonly Answer[], likeness: Likeness, slope: number): Hearing[] =>
  heardIn(answers, likeness)
    .filter(({ length }) => length > 0)
    .map((heard) => {
      const mean = (of: 'place' | 'likeness' | 'score') =>
        heard.reduce((sum, one) => sum + one[of], 0) / heard.length;
      const means = { place: mean('place'), likeness: mean('likeness'), score: mean('score') };
      const scores = heard.map(({ id, place, likeness, score }) => ({
        ...{ id, place: place - means.place },
        ...{ likeness: likeness - means.likeness, score: score - means.score },
      }));
      return {
        scores,
        level: means.score - slope * means.place,
        rest: new Map(scores.map(({ id, score, place }) => [id, score - slope * place])),
        likeness: new Map(scores.map(({ id, likeness }) => [id, likeness])),
      };
    });
