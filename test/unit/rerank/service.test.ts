import t from 'tap';
import type { PipelineIdentity } from '../../../src/recommend/digest.ts';
import { rerankTop } from '../../../src/recommend/rerank-stage.ts';
import type { Context, Judged, RankedList } from '../../../src/recommend/types.ts';
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
        ...{ digest: 'd', version: 'vlm/warm', verdicts, purpose: 'order', conviction: 1 },
        ...{ lesson: UNHEARD, problem: null },
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

/** What a re-ranker makes of a list of three whose base order knows towers: the model likes the last best. */
async function besideTowers(kind: 'image' | 'model', by: 'attributes' | 'vlm', described = taste) {
  const askedFor: string[] = [];
  const verdicts = [1, 2, 3].map((item) => ({
    ...{ item, score: item, disagreement: 1, reason: 'It is red', attributes: ['red'], preferences: ['p1'] },
  }));
  const found = { digest: 'd', version: 'vlm/sure', verdicts, conviction: 9, lesson: UNHEARD, problem: null };
  const own = openReranker({
    tastes: { of: () => described, described: async () => described, vocabulary: colourVocabulary },
    vlm:
      by === 'attributes'
        ? null
        : {
            version: 'vlm/sure',
            known: (_top, _taste, purpose) => {
              askedFor.push(purpose);
              return { ...found, purpose };
            },
            made: () => Promise.reject(new Error('nothing is to be made')),
            close: async () => {},
          },
    config: { RERANK_DEPTH: 20, RERANK_DEADLINE_MS: 500 },
  });
  const user = plantUser([9]);
  const items = [1, 2, 3].map((item) => plantCandidate(item, 1, { features: { tower: 1 / item } }));
  const trace = {
    stages: [],
    degraded: [],
    versions: {},
    configDigest: 'base',
    ms: 0,
    pipeline: '',
    seed: 1,
  };
  const list: RankedList = { items, draw: null, trace };
  const identity = { digest: 'base', description: { versions: {} } } as unknown as PipelineIdentity;
  const look = { vectorOf: (item: number) => showing(item === 3 ? 'red' : 'blue'), load: () => {} };
  const context = { user, request: { kind }, columns: { creator: [0, 1, 2, 3] } } as unknown as Context;
  const ranked = await rerankTop(own, { list, identity }, context, look, 'auto');
  const reasons = await own.reasons({ user, kind, items: [3], ...look }, () => true);
  return { ...ranked, askedFor, order: ranked.list.items.map(({ item }) => item), reason: reasons.get(3) };
}

t.test('where an opinion has no weight the list and its log say that the base order stood', async (t) => {
  for (const [kind, by] of [
    ['image', 'attributes'],
    ['model', 'attributes'],
    ['model', 'vlm'],
  ] as const) {
    const { list, identity, order } = await besideTowers(kind, by);
    t.same(order, [1, 2, 3], `${kind} by ${by}`);
    t.same(list.rerank, { mode: 'auto', by: null });
    t.same(list.trace.versions, {});
    t.equal(list.trace.configDigest, 'base');
    t.equal(identity.digest, 'base', 'as the list that was not to be re-ranked');
    t.same(list.trace.degraded, []);
  }
});

t.test(
  'of a list of models beside towers a model is asked for reasons alone, and they are shown',
  async (t) => {
    const liked = { ...taste, preferences: [{ ...taste.preferences[0]!, items: [9] }] };
    const { askedFor, reason } = await besideTowers('model', 'vlm', liked);
    t.same(askedFor, ['reasons', 'reasons']);
    t.same(reason, { text: 'It is red', source: 'vlm', evidence: [9] });
  },
);

t.test('where an opinion has weight beside towers the log says whose it is', async (t) => {
  const pictures = await besideTowers('image', 'vlm');
  t.same(pictures.order, [3, 2, 1]);
  t.match(pictures.list.rerank, { by: { ranker: 'vlm', version: 'vlm/sure' } });
  t.equal(pictures.askedFor[0], 'order');
  const stated = await besideTowers('model', 'attributes', { ...taste, source: 'person' });
  t.equal(stated.order[0], 3, 'a person’s own words move models, too');
  t.match(stated.list.rerank, { by: { ranker: 'attributes' } });
  t.not(stated.identity.digest, 'base');
});
