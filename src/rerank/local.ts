import type { Judged, TopOfList } from '../recommend/types.ts';
import type { Taste } from '../taste/index.ts';
import { attributeScores } from './attributes.ts';
import { blend, OPINION_WEIGHT } from './blend.ts';
import type { Looks } from './looks.ts';

/** The ranker without a model, labelled as such. */
export function attributeOpinion(top: TopOfList, taste: Taste, looks: Looks): Judged {
  const items = top.items.map(({ item }) => item);
  const scores = attributeScores(items, taste, looks.vocabulary, looks.vectorOf);
  if (scores.every((score) => score === undefined)) return { opinion: null, problem: 'pictures-unseen' };
  const values = blend(scores, OPINION_WEIGHT.attributes);
  return {
    opinion: {
      ...{ ranker: 'attributes', version: looks.vocabulary.version, taste: taste.digest },
      values: new Map(items.map((item, n) => [item, values[n]!])),
    },
  };
}
