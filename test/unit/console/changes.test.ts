import t from 'tap';
import { changesBetween } from '../../../src/console/web/views/home/changes.js';

type Change = Partial<{ evidence: string[]; sources: string[]; parts: Record<string, number> }>;

const pageOf = (items: [string, Change?][]) => ({
  ...{ recommendationId: 'r', variant: 'default', degraded: [], versions: {}, nextCursor: null },
  items: items.map(([id, { evidence = [], sources = ['similar'] } = {}], position) => ({
    ...{ id, kind: 'image' as const, title: id, url: '', position, score: 1, sources },
    explanation: { text: `why ${id}`, source: 'history' as const, evidence },
  })),
  trace: {
    ...{ stages: [], degraded: [], rerank: null, versions: {}, configDigest: '', seed: 1, ms: 1 },
    items: items.map(([id, { parts = { similar: 0.2 } } = {}]) => ({
      ...{ id, score: 1, propensity: 1, features: {}, parts },
    })),
  },
});

t.test('what pulled it the other way is not why it moved', (t) => {
  const before = pageOf([['a'], ['b', { parts: { tower: 9, taste: 0.1 } }], ['c', { parts: { tower: 5 } }]]);
  const after = pageOf([['b', { parts: { tower: 2, taste: 0.3 } }], ['c', { parts: { tower: 1 } }], ['a']]);
  const { moves } = changesBetween(before, after, { type: 'like', item: null });
  t.equal(moves.get('b')!.why, 'taste +0.200');
  t.equal(moves.get('c')!.why, 'others moved past it, or away');
  t.end();
});

t.test('what moved is told with its reason', async (t) => {
  const before = pageOf([['a'], ['b'], ['c'], ['d']]);
  const after = pageOf([
    ['e', { evidence: ['a'] }],
    ['c', { parts: { similar: 0.5 } }],
    ['b'],
    ['n', { sources: ['new'] }],
  ]);
  const [liked] = before.items;
  const { moves, gone, counts } = changesBetween(before, after, { type: 'like', item: liked! });
  t.same(counts, { new: 2, up: 1, down: 1, gone: 2 });
  t.same(moves.get('e'), { by: null, why: 'what was just done speaks for it' });
  t.same(moves.get('c'), { by: 1, why: 'similar +0.300' });
  t.same(moves.get('b'), { by: -1, why: 'others moved past it, or away' });
  t.same(moves.get('n'), { by: null, why: 'tried out, nobody has met it yet' });
  t.same(
    gone.map(({ item, why }) => [item.id, why.split(/[ :]/u)[0]]),
    [
      ['a', 'already'],
      ['d', 'displaced'],
    ],
  );
});

t.test('of what is gone the rule that keeps it out is told', async (t) => {
  const [before, after] = [pageOf([['a'], ['b'], ['c']]), pageOf([['c']])];
  const kept = {
    reason: 'near-duplicate',
    count: 1,
    items: [{ kind: 'image' as const, id: 'b', title: 'b', url: '' }],
  };
  const trace = { ...after.trace, removed: [kept] };
  const { gone } = changesBetween(before, { ...after, trace }, { type: 'hide', item: before.items[0]! });
  t.same(
    gone.map(({ why }) => why),
    ['hidden for good', 'shows the same picture as something that fits better'],
  );
});

t.test('a list that stayed as it is has no moves', async (t) => {
  const page = pageOf([['a'], ['b']]);
  const { moves, gone } = changesBetween(page, page, { type: 'less', item: null });
  t.equal(moves.size + gone.length, 0);
});
