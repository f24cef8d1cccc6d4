import type { ItemKind } from '../../src/catalog/types.ts';
import { HamletError } from '../../src/errors.ts';
import type { Case, Moderation } from '../../src/moderation/index.ts';

/** Moderators over items in memory: two at once are a conflict, a person counts once. */
export function fakeModeration(items: ReadonlyMap<string, unknown>): Moderation {
  const reviews = new Map<string, number>();
  const reported = new Set<string>();
  const look = async (kind: ItemKind, id: string): Promise<Case> => {
    if (!items.has(`${kind}:${id}`)) throw new HamletError('item-unknown', 404, 'No such item.');
    return {
      ...{
        kind,
        id,
        review: reviews.get(`${kind}:${id}`) ?? 0,
        state: 'held',
        since: '2026-11-24T00:00:00Z',
      },
      ...{ title: '', url: '', tags: [], prompt: '', creatorId: null, declaredLevel: null, level: 0 },
      ...{ source: 'unknown', reasons: ['level-unknown'], toxicity: 0, toxicitySource: 'none' },
      ...{ evidence: null, fault: null, reports: [], history: [] },
    };
  };
  return {
    queue: async ({ limit }) => {
      const names = [...items.keys()].slice(0, limit).map((name) => name.split(':') as [ItemKind, string]);
      return { items: await Promise.all(names.map(([kind, id]) => look(kind, id))), next: null };
    },
    look,
    async picture(kind, id) {
      await look(kind, id);
      return Buffer.from('jpeg');
    },
    async decide(kind, id, { review }) {
      const before = await look(kind, id);
      if (before.review !== review) throw new HamletError('moderation-conflict', 409, 'Decided on since.');
      reviews.set(`${kind}:${id}`, review + 1);
      return look(kind, id);
    },
    async report(kind, id, { userId }) {
      await look(kind, id);
      const name = JSON.stringify([kind, id, userId]);
      if (reported.has(name)) return { status: 'known' };
      reported.add(name);
      return { status: 'taken' };
    },
  };
}
