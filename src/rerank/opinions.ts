import type { Judged, TopOfList } from '../recommend/types.ts';
import type { Taste } from '../taste/index.ts';
import { attributeScores } from './attributes.ts';
import { blend, OPINION_WEIGHT } from './blend.ts';
import type { Looks } from './looks.ts';
import type { Verdicts } from './types.ts';

type Ranker = keyof typeof OPINION_WEIGHT;

function opinionOf(
  { items }: TopOfList,
  who: { ranker: Ranker; version: string; taste: string },
  scores: readonly (number | undefined)[],
  reliability = 1,
): Judged {
  const values = blend(scores, OPINION_WEIGHT[who.ranker] * reliability);
  return { opinion: { ...who, values: new Map(items.map(({ item }, n) => [item, values[n]!])) } };
}

/** The ranker without a model, labelled as such. */
export function attributeOpinion(top: TopOfList, taste: Taste, looks: Looks): Judged {
  const refs = top.items.map(({ item }) => item);
  const scores = attributeScores(refs, taste, looks.vocabulary, looks.vectorOf);
  if (scores.every((score) => score === undefined)) return { opinion: null, problem: 'pictures-unseen' };
  return opinionOf(
    top,
    { ranker: 'attributes', version: looks.vocabulary.version, taste: taste.digest },
    scores,
  );
}

/** What the model said. An item that it did not score keeps its place among its neighbours. */
export function vlmOpinion(
  top: TopOfList,
  taste: Taste,
  version: string,
  { verdicts, reliability, problem }: Verdicts,
): Judged {
  const scoreOf = new Map(verdicts.map(({ item, score }) => [item, score ?? undefined]));
  const scores = top.items.map(({ item }) => scoreOf.get(item));
  if (scores.filter((score) => score !== undefined).length * 2 <= scores.length)
    return { opinion: null, problem: problem ?? 'vlm-malformed' };
  const judged = opinionOf(top, { ranker: 'vlm', version, taste: taste.digest }, scores, reliability);
  return problem === null ? judged : { ...judged, problem };
}
