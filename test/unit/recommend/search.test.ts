import t from 'tap';
import type { ItemRef } from '../../../src/catalog/types.ts';
import { badInput } from '../../../src/errors.ts';
import { type QueryEncoder, searchItems } from '../../../src/recommend/search.ts';
import type { VectorStore } from '../../../src/vectors/port.ts';
import { plantColumns, plantContext, range } from '../../support/recommend-world.ts';

const VECTOR = Float32Array.of(1, 0);
const inSpace = (space: 'text' | 'clip'): QueryEncoder => ({ space, encode: () => VECTOR });
const context = plantContext({ columns: plantColumns(range(1, 200).map(() => ({}))) }, { limit: 10 });

/** Each space answers these items, the first with `top`, each next a hundredth less. */
const answering = (lists: Record<string, ItemRef[]>, top = 0.9) =>
  ({
    search: async (_: string, [query]: { space: string }[]) => {
      const list = lists[query!.space];
      if (list === undefined) throw badInput('vector-invalid', 'no such space');
      return [list.map((id, rank) => ({ id, score: top - rank / 100 }))];
    },
  }) as unknown as VectorStore;

const found = async (lists: Record<string, ItemRef[]>, encoders: QueryEncoder[], top?: number) => {
  const { candidates, degraded } = await searchItems('x', context, encoders, answering(lists, top));
  return {
    items: candidates.map(({ item }) => item),
    scores: candidates.map(({ score }) => score),
    degraded,
  };
};

t.test('one space answers in its own order and with its own cosines', async (t) => {
  const { items, scores } = await found({ text: [5, 3, 9] }, [inSpace('text')]);
  t.same(items, [5, 3, 9]);
  t.same(scores, [0.9, 0.89, 0.88]);
});

t.test('what both spaces find comes first, then by rank in either', async (t) => {
  const { items, scores } = await found({ clip: [1, 2, 3], text: [3, 4] }, [
    inSpace('clip'),
    inSpace('text'),
  ]);
  t.equal(items[0], 3);
  t.same(items.slice(1), [1, 2, 4]);
  t.ok(scores.every((score) => score > 0 && score <= 1));
  const first = await found({ clip: [7], text: [7] }, [inSpace('clip'), inSpace('text')]);
  t.same(first.scores, [1]);
});

t.test(
  'words that hardly fit are left out beside pictures, and kept where they are all there is',
  async (t) => {
    const lists = { clip: [1, 2], text: [8, 9] };
    t.same((await found(lists, [inSpace('clip'), inSpace('text')], 0.3)).items, [1, 2]);
    t.same((await found(lists, [inSpace('text')], 0.3)).items, [8, 9]);
  },
);

t.test('a space that fails is named, and the other answers', async (t) => {
  const { items, degraded } = await found({ text: [4, 6] }, [inSpace('clip'), inSpace('text')]);
  t.same(items, [4, 6]);
  t.same(degraded, [{ stage: 'search-clip', code: 'vector-invalid' }]);
});

t.test('a text that says nothing in a space finds nothing there', async (t) => {
  const silent: QueryEncoder = { space: 'text', encode: () => Float32Array.of(0, 0) };
  t.same((await found({ text: [1], clip: [2] }, [inSpace('clip'), silent])).items, [2]);
});
