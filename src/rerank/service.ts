import type { ItemRef } from '../catalog/types.ts';
import type { Config } from '../config.ts';
import type { UserState } from '../events/types.ts';
import type { Judged, Reason, Reranker, TopOfList } from '../recommend/types.ts';
import type { Taste, Tastes } from '../taste/index.ts';
import type { VlmRanker } from './by-vlm.ts';
import { inTime } from './deadline.ts';
import { type Looks, openLooks } from './looks.ts';
import { attributeOpinion, purposeOf, vlmOpinion } from './opinions.ts';
import { type About, attributeReason, evidenceFor } from './reasons.ts';
import type { Verdict, Verdicts } from './types.ts';

const NOTHING: Judged = { opinion: null };
const MOST_EVIDENCE = 3;

/**
 * The re-ranker of lists: by a vision-language model where there is one, else by attributes that CLIP sees. Nobody
 * without a history is looked at.
 */
export function openReranker(parts: {
  tastes: Pick<Tastes, 'of' | 'described' | 'vocabulary'>;
  vlm: VlmRanker | null;
  config: Pick<Config, 'RERANK_DEPTH' | 'RERANK_DEADLINE_MS'>;
}): Reranker {
  const { tastes, vlm } = parts;
  const { RERANK_DEPTH: depth, RERANK_DEADLINE_MS: deadline } = parts.config;
  const looksBy = openLooks();

  /** What is known now; what is not is made in the background. */
  function judge(top: TopOfList, taste: Taste | null): Judged | Promise<Judged> {
    const looks = looksAt(top);
    if (taste === null || looks === null) return NOTHING;
    if (vlm === null) return attributeOpinion(top, taste, looks);
    const purpose = purposeOf(top, taste);
    const answer = (found: Verdicts | null): Judged => {
      if (found !== null) return vlmOpinion(top, taste, looks, found);
      vlm.made(top, taste, looks, purpose).catch(() => {});
      return NOTHING;
    };
    const known = vlm.known(top, taste, purpose);
    return known instanceof Promise ? known.then(answer) : answer(known);
  }

  async function waited(top: TopOfList): Promise<Judged> {
    if (top.user.recent.length === 0) return { opinion: null, problem: 'no-history' };
    const taste = await tastes.described(top.user);
    const looks = looksAt(top);
    if (taste === null || looks === null) return { opinion: null, problem: 'taste-unknown' };
    if (vlm === null) return attributeOpinion(top, taste, looks);
    const purpose = purposeOf(top, taste);
    const found = (await vlm.known(top, taste, purpose)) ?? (await vlm.made(top, taste, looks, purpose));
    return vlmOpinion(top, taste, looks, found);
  }

  function looksAt({ vectorOf }: Pick<TopOfList, 'vectorOf'>): Looks | null {
    const vocabulary = tastes.vocabulary();
    return vocabulary && looksBy(vocabulary, vectorOf);
  }

  return {
    depth,
    opinion(top, mode) {
      if (top.items.length < 2) return NOTHING;
      if (mode === 'wait') return inTime(waited(top).catch(failed), deadline);
      // Where no picture can be held against words a taste would say nothing.
      if (looksAt(top) === null) return NOTHING;
      const taste = tastes.of(top.user);
      const judged = taste instanceof Promise ? taste.then((found) => judge(top, found)) : judge(top, taste);
      return judged instanceof Promise ? judged.catch(failed) : judged;
    },
    async reasons({ items, ...top }, mayName) {
      const looks = looksAt(top);
      const reasons = new Map<ItemRef, Reason>();
      const taste = looks && (await tastes.of(top.user));
      if (taste === null || looks === null) return reasons;
      await top.load(ownPictures(taste, top.user));
      const verdicts = await vlm?.known({ ...top, items: [] }, taste, 'reasons');
      const about = { taste, looks, mayName };
      for (const item of items) {
        const verdict = verdicts?.verdicts.find((one) => one.item === item);
        const reason = vlmReason(verdict, about) ?? attributeReason(item, about);
        if (reason !== null) reasons.set(item, reason);
      }
      return reasons;
    },
  };
}

/** A model's checked reason, with the person's own pictures that stand for the tastes it points to. */
function vlmReason(verdict: Verdict | undefined, about: About): Reason | null {
  if (verdict === undefined || verdict.reason === '') return null;
  const { preferences, attributes, reason: text } = verdict;
  const pointed = about.taste.preferences.filter(({ id }) => preferences.includes(id));
  const showing = pointed.flatMap((preference) => evidenceFor(attributes, preference, about));
  const central = pointed.flatMap(({ items }) => items.filter(about.mayName).slice(0, MOST_EVIDENCE));
  const evidence = (showing.length > 0 ? showing : central).slice(0, MOST_EVIDENCE);
  return evidence.length === 0 ? null : { text, source: 'vlm', evidence };
}

const ownPictures = ({ preferences }: Taste, { seen }: UserState): ItemRef[] =>
  preferences.flatMap(({ items }) => items.filter((item) => seen.has(item)));

const failed = (error: unknown): Judged => ({
  opinion: null,
  problem: (error as { code?: string }).code ?? 'failed',
});
