import type { Config } from '../config.ts';
import type { UserState } from '../events/types.ts';
import type { Judged, Reason, Reranker, TopOfList } from '../recommend/types.ts';
import type { Taste, Tastes } from '../taste/index.ts';
import { attributeOpinion } from './local.ts';
import { openLooks } from './looks.ts';
import { attributeReason } from './reasons.ts';

const NOTHING: Judged = { opinion: null };

/** The re-ranker of lists: by what is known of a person's taste, and by nothing for people without a history. */
export function openReranker(parts: {
  tastes: Pick<Tastes, 'of' | 'described' | 'vocabulary'>;
  config: Pick<Config, 'RERANK_DEPTH' | 'RERANK_DEADLINE_MS'>;
}): Reranker {
  const { tastes } = parts;
  const { RERANK_DEPTH: depth, RERANK_DEADLINE_MS: deadline } = parts.config;
  const looksBy = openLooks();

  function judge(top: TopOfList, taste: Taste | null): Judged {
    const vocabulary = tastes.vocabulary();
    if (taste === null || vocabulary === null) return NOTHING;
    return attributeOpinion(top, taste, looksBy(vocabulary, top.vectorOf));
  }

  return {
    depth,
    opinion(top, mode) {
      if (top.items.length < 2) return NOTHING;
      if (mode === 'wait') return inTime(waited(top), deadline);
      const taste = tastes.of(top.user);
      return taste instanceof Promise
        ? taste.then((found) => judge(top, found)).catch(failed)
        : judge(top, taste);
    },
    async reasons({ items, user, vectorOf, load }, mayName) {
      const taste = await tastes.of(user);
      const vocabulary = tastes.vocabulary();
      const reasons = new Map<number, Reason>();
      if (taste === null || vocabulary === null) return reasons;
      await load(ownPictures(taste, user));
      const looks = looksBy(vocabulary, vectorOf);
      for (const item of items) {
        const reason = attributeReason(item, { taste, looks, mayName });
        if (reason !== null) reasons.set(item, reason);
      }
      return reasons;
    },
  };

  async function waited(top: TopOfList): Promise<Judged> {
    if (!top.user.recent.length) return { opinion: null, problem: 'no-history' };
    const taste = await tastes.described(top.user);
    return taste === null ? { opinion: null, problem: 'taste-unknown' } : judge(top, taste);
  }
}

const ownPictures = ({ preferences }: Taste, { seen }: UserState) =>
  preferences.flatMap(({ items }) => items.filter((item) => seen.has(item)));

const failed = (error: unknown): Judged => ({
  opinion: null,
  problem: (error as { code?: string }).code ?? 'failed',
});

/** Whatever comes of it, the answer is there in time. */
async function inTime(work: Promise<Judged>, deadline: number): Promise<Judged> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Judged>((resolve) => {
    timer = setTimeout(() => resolve({ opinion: null, problem: 'deadline' }), deadline);
  });
  return Promise.race([work.catch(failed), late]).finally(() => clearTimeout(timer));
}
