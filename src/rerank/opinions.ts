import type { Judged, TopOfList } from '../recommend/types.ts';
import type { Taste } from '../taste/index.ts';
import { attributeScores } from './attributes.ts';
import { blend, hasWeight } from './blend.ts';
import type { Looks } from './looks.ts';
import type { Purpose, Verdicts } from './types.ts';

/** The ranker without a model, labelled as such; none where it would move nothing. */
export function attributeOpinion(top: TopOfList, taste: Taste, looks: Looks): Judged {
  if (!hasWeight('attributes', about(top, taste))) return { opinion: null };
  const attributes = attributesOf(top, taste, looks);
  if (attributes.every((score) => score === undefined)) return { opinion: null, problem: 'pictures-unseen' };
  const who = { ranker: 'attributes', version: looks.vocabulary.version, taste: taste.digest } as const;
  return { opinion: { ...who, values: valuesBy(top, blend({ attributes }, about(top, taste))) } };
}

/** What a model is to be asked for. */
export const purposeOf = (top: TopOfList, taste: Taste): Purpose =>
  hasWeight('vlm', about(top, taste)) ? 'order' : 'reasons';

/**
 * What the model said, on top of that; none where it would move nothing. An item that it did not score is where the
 * others' opinions put it.
 */
export function vlmOpinion(
  top: TopOfList,
  taste: Taste,
  looks: Looks,
  { version, verdicts, purpose, conviction, problem }: Verdicts,
): Judged {
  if (purpose === 'reasons' || purposeOf(top, taste) === 'reasons')
    return problem === null ? { opinion: null } : { opinion: null, problem };
  const scoreOf = new Map(verdicts.map(({ item, score }) => [item, score ?? undefined]));
  const vlm = top.items.map(({ item }) => scoreOf.get(item));
  if (vlm.filter((score) => score !== undefined).length * 2 <= vlm.length)
    return { opinion: null, problem: problem ?? 'vlm-malformed' };
  const opinions = { attributes: attributesOf(top, taste, looks), vlm, conviction };
  const values = blend(opinions, about(top, taste));
  const who = { ranker: 'vlm', version, taste: taste.digest } as const;
  const judged = { opinion: { ...who, values: valuesBy(top, values) } };
  return problem === null ? judged : { ...judged, problem };
}

const about = ({ kind, items }: TopOfList, { source }: Taste) => ({
  ...{ kind, items, describedBy: source },
});

const attributesOf = ({ items }: TopOfList, taste: Taste, { vocabulary, vectorOf }: Looks) =>
  attributeScores(
    items.map(({ item }) => item),
    taste,
    vocabulary,
    vectorOf,
  );

const valuesBy = ({ items }: TopOfList, values: readonly number[]) =>
  new Map(items.map(({ item }, n) => [item, values[n]!]));
