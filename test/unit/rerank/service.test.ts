import t from 'tap';
import type { Judged } from '../../../src/recommend/types.ts';
import { inTime } from '../../../src/rerank/deadline.ts';
import { openReranker, UNHEARD } from '../../../src/rerank/index.ts';
import type { Taste } from '../../../src/taste/index.ts';
import { colourVocabulary, showing } from '../../support/colours.ts';
import { plantCandidate, plantUser } from '../../support/recommend-world.ts';

const taste: Taste = {
  ...{ user: 1, source: 'attributes', madeBy: 'test', digest: 'd', liked: [], madeAt: '' },
  preferences: [{ id: 'p1', text: 'Often red', likes: [{ name: 'red', weight: 2 }], avoids: [], items: [] }],
};
const asked: string[] = [];
const reranker = openReranker({
  tastes: { of: () => taste, described: async () => taste, vocabulary: colourVocabulary },
  vlm: {
    version: 'vlm/none',
    known: () => {
      asked.push('known');
      return null;
    },
    made: async () => {
      asked.push('made');
      throw Object.assign(new Error('gone'), { code: 'vlm-unavailable' });
    },
    close: async () => {},
  },
  config: { RERANK_DEPTH: 20, RERANK_DEADLINE_MS: 500 },
});
const top = (...items: number[]) => ({
  ...{ items: items.map((item) => plantCandidate(item, 1)), kind: 'image' as const, user: plantUser([9]) },
  ...{ vectorOf: () => showing('red'), load: () => {} },
});

t.test('a candidate set of one is in order as it is: no model is asked', async (t) => {
  t.same(await reranker.opinion(top(1), 'auto'), { opinion: null });
  t.same(await reranker.opinion(top(1), 'wait'), { opinion: null });
  t.same(asked, []);
});

t.test('auto says nothing of a model that fails in the background; wait does', async (t) => {
  t.same(await reranker.opinion(top(1, 2), 'auto'), { opinion: null });
  t.same(await reranker.opinion(top(1, 2), 'wait'), { opinion: null, problem: 'vlm-unavailable' });
});

t.test('somebody without a history is looked at by nobody', async (t) => {
  asked.length = 0;
  const nobody = { ...top(1, 2), user: plantUser([]) };
  t.same(await reranker.opinion(nobody, 'wait'), { opinion: null, problem: 'no-history' });
  t.same(asked, []);
});

t.test('an answer that does not come is given up in time', async (t) => {
  const began = performance.now();
  t.same(await inTime(new Promise(() => {}), 100), { opinion: null, problem: 'deadline' });
  t.ok(performance.now() - began < 150);
});

t.test('what is known of a list is served at once, well within two milliseconds', async (t) => {
  const vocabulary = colourVocabulary();
  const items = Array.from({ length: 20 }, (_, n) => n + 1);
  const verdicts = items.map((item) => ({
    ...{ item, score: item / 2, disagreement: 1, reason: '', attributes: [], preferences: [] },
  }));
  const warm = openReranker({
    tastes: { of: () => taste, described: async () => taste, vocabulary: () => vocabulary },
    vlm: {
      version: 'vlm/warm',
      known: () => ({
        ...{ digest: 'd', version: 'vlm/warm', verdicts, conviction: 1, lesson: UNHEARD, problem: null },
      }),
      made: () => Promise.reject(new Error('nothing is to be made')),
      close: async () => {},
    },
    config: { RERANK_DEPTH: 20, RERANK_DEADLINE_MS: 500 },
  });
  let waits = false;
  const times = Array.from({ length: 300 }, () => {
    const began = performance.now();
    waits ||= warm.opinion(top(...items), 'auto') instanceof Promise;
    return performance.now() - began;
  }).sort((a, b) => a - b);
  t.notOk(waits);
  const { opinion } = (await warm.opinion(top(...items), 'auto')) as Judged;
  t.equal(opinion!.ranker, 'vlm');
  t.ok(opinion!.values.get(20)! > opinion!.values.get(1)!, 'by what the model said');
  t.ok(times[150]! <= 2, `${times[150]} ms`);
});
