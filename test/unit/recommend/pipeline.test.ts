import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import t from 'tap';
import { HamletError } from '../../../src/errors.ts';
import { contentInMemory, defaultPipeline, runPipeline, seededRandom } from '../../../src/recommend/index.ts';
import { openRemovals } from '../../../src/recommend/removals.ts';
import type { Pipeline, Source } from '../../../src/recommend/types.ts';
import {
  clique,
  plantColumns,
  plantContext,
  plantGraph,
  plantUser,
  range,
} from '../../support/recommend-world.ts';

const SETTINGS = {
  ...{ LIST_DEPTH: 100, DRAW_SHARE: 0.1, DRAW_TEMPERATURE: 0.2, DRAW_TOP: 50 },
  EXPLORE_SHARE: 0.05,
};
const planted = (more: Partial<typeof SETTINGS> = {}): Pipeline =>
  defaultPipeline({ settings: { ...SETTINGS, ...more }, content: contentInMemory(new Map()) });
/** Items of one taste look alike, the two tastes do not. */
const twoTastes = (DRAW_SHARE = 0): Pipeline =>
  defaultPipeline({
    settings: { ...SETTINGS, DRAW_SHARE },
    content: contentInMemory(
      new Map(range(1, 60).map((item) => [item, item <= 30 ? Float32Array.of(1, 0) : Float32Array.of(0, 1)])),
    ),
    neighbours: (_, items) =>
      items.map((item) => (item <= 30 ? range(1, 30) : range(31, 60)).map((id) => ({ id, score: 1 }))),
  });
const withSource = (source: Source): Pipeline => {
  const pipeline = planted();
  return { ...pipeline, sources: [...pipeline.sources, source] };
};

// Two cliques that share nothing, and a crowd of popular others.
const WORLD = {
  columns: plantColumns(range(1, 300).map(() => ({}))),
  graph: plantGraph(300, { neighbours: { ...clique(range(1, 30)), ...clique(range(31, 60)) } }),
};

t.test('a person of two tastes gets both, and nothing they have seen', async (t) => {
  const user = plantUser([1, 2, 31, 32]);
  const list = await runPipeline(twoTastes(), plantContext({ ...WORLD, user }));
  const top = list.items.slice(0, 19).map(({ item }) => item);
  t.ok(top.filter((item) => item <= 30).length >= 5, 'the first taste is there');
  t.ok(top.filter((item) => item > 30 && item <= 60).length >= 5, 'the second taste is there');
  t.ok(
    top.every((item) => item <= 60),
    'before anything that is only popular',
  );
  t.notOk(list.items.some(({ item }) => user.seen.has(item)));
  t.equal(list.items.length, 100);
  t.equal(new Set(list.items.map(({ item }) => item)).size, 100, 'each item once');
});

t.test('because names the history item that brought an item', async (t) => {
  const user = plantUser([1, 31]);
  const list = await runPipeline(planted({ DRAW_SHARE: 0 }), plantContext({ ...WORLD, user }));
  for (const { item, because, sources } of list.items) {
    if (!sources.includes('similar')) continue;
    t.equal(because, item <= 30 ? 1 : 31);
  }
});

t.test('because is the strongest item that may be named at the level asked for', async (t) => {
  const columns = plantColumns(range(1, 300).map((item) => ({ level: item === 1 ? 4 : 1 })));
  const user = plantUser([2, 1]);
  const because = async (maxLevel: number) => {
    const context = plantContext({ ...WORLD, columns, user }, { maxLevel });
    const { items } = await runPipeline(planted({ DRAW_SHARE: 0 }), context);
    return new Set(items.filter(({ sources }) => sources.includes('similar')).map((item) => item.because));
  };
  t.same(await because(4), new Set([1]), 'the newest, where it may be seen');
  t.same(await because(1), new Set([2]), 'else the next one');
});

t.test('the same seed repeats a list, whether it is drawn or not', async (t) => {
  for (const DRAW_SHARE of [0, 1]) {
    const once = async () => {
      const context = plantContext({ ...WORLD, user: plantUser([1, 31]), random: seededRandom(7) });
      const list = await runPipeline(planted({ DRAW_SHARE }), context);
      return { items: list.items.map(({ item }) => item), draw: list.draw };
    };
    t.same(await once(), await once());
  }
});

t.test('a source that throws, rejects or is late is named, and the list goes on', async (t) => {
  const away = new HamletError('vectors-unavailable', 503, 'away');
  const cases: [string, Source['find'], string][] = [
    [
      'throws',
      () => {
        throw away;
      },
      'vectors-unavailable',
    ],
    ['rejects', () => Promise.reject(away), 'vectors-unavailable'],
    ['is late', () => new Promise(() => {}), 'deadline'],
    [
      'has a bug',
      () => {
        throw new TypeError('undefined is not a function');
      },
      'failed',
    ],
  ];
  for (const [name, find, code] of cases) {
    const pipeline = withSource({ name: 'ill', deadline: 20, find });
    const list = await runPipeline(pipeline, plantContext({ ...WORLD, user: plantUser([1]) }));
    t.same(list.trace.degraded, [{ stage: 'ill', code }], name);
    t.equal(list.items.length, 100);
  }
});

t.test('a source that keeps failing is left alone for a while', async (t) => {
  let asked = 0;
  const pipeline = withSource({
    ...{ name: 'dead', deadline: 20 },
    find: () => {
      asked++;
      return Promise.reject(new HamletError('vectors-unavailable', 503, 'away'));
    },
  });
  for (let i = 0; i < 10; i++) {
    const list = await runPipeline(pipeline, plantContext({ ...WORLD, user: plantUser([1]) }));
    t.same(list.trace.degraded, [{ stage: 'dead', code: 'vectors-unavailable' }]);
  }
  t.equal(asked, 3);
});

t.test('a source that says for how long is asked again after that', async (t) => {
  let asked = 0;
  const pipeline = withSource({
    ...{ name: 'busy', deadline: 5, rest: 30 },
    find: () => {
      asked++;
      return asked <= 3 ? new Promise(() => {}) : [];
    },
  });
  const once = () => runPipeline(pipeline, plantContext({ ...WORLD, user: plantUser([1]) }));
  for (let n = 0; n < 3; n++) await once();
  t.same((await once()).trace.degraded, [{ stage: 'busy', code: 'deadline' }]);
  t.equal(asked, 3);
  await new Promise((done) => setTimeout(done, 40));
  t.same((await once()).trace.degraded, []);
  t.equal(asked, 4);
});

t.test('what it has in memory it still brings while it is left alone', async (t) => {
  let inMemory = false;
  let asked = 0;
  const pipeline = withSource({
    ...{ name: 'slow', deadline: 5, atHand: () => inMemory },
    find: () => {
      asked++;
      return inMemory ? [{ item: 200, score: 1 }] : new Promise(() => {});
    },
  });
  const once = () => runPipeline(pipeline, plantContext({ ...WORLD, user: plantUser([1]) }));
  for (let i = 0; i < 3; i++) await once();
  inMemory = true;
  t.same((await once()).trace.degraded, []);
  inMemory = false;
  t.same((await once()).trace.degraded, [{ stage: 'slow', code: 'deadline' }]);
  t.equal(asked, 4);
});

t.test('an answer that was there in time counts, though this thread was late to read it', async (t) => {
  const { port1, port2 } = new MessageChannel();
  t.teardown(() => port1.close());
  const pipeline = withSource({
    ...{ name: 'answered', deadline: 20 },
    find: () =>
      new Promise((resolve) => {
        port1.once('message', resolve);
        port2.postMessage([{ item: 200, score: 1 }]);
        queueMicrotask(() => {
          for (const end = performance.now() + 40; performance.now() < end; );
        });
      }),
  });
  const list = await runPipeline(pipeline, plantContext({ ...WORLD, user: plantUser([1]) }));
  t.same(list.trace.degraded, []);
});

t.test('someone new gets every cluster, the most popular first', async (t) => {
  const graph = plantGraph(300, {
    cluster: range(1, 300).map((item) => (item <= 200 ? 0 : item <= 290 ? 1 : 2)),
  });
  const context = plantContext({ columns: WORLD.columns, graph, user: plantUser([], { user: 0, seq: 0 }) });
  const list = await runPipeline(planted({ DRAW_SHARE: 0 }), context);
  t.same(
    list.items.slice(0, 6).map(({ item }) => item),
    [1, 201, 291, 2, 202, 292],
  );
  t.equal(list.items.length, 100);
});

t.test('before there is a graph the catalogue itself fills the list', async (t) => {
  const list = await runPipeline(planted(), plantContext({ columns: WORLD.columns }));
  t.equal(list.items.length, 100);
  t.ok(list.items.every(({ sources }) => sources.includes('new')));
});

t.test('an empty catalogue gives an empty list', async (t) => {
  const list = await runPipeline(planted(), plantContext({ columns: plantColumns([]) }));
  t.same(list.items, []);
  t.same(list.trace.degraded, []);
});

t.test('no item of unknown, blocked or higher level is ever in a list', async () => {
  const level = fc.constantFrom(0, 1, 2, 3, 4, 8, 16, 32, 33, 64, 255);
  const maxLevel = fc.constantFrom(0, 1, 2, 4, 8, 16, 32, 255, Number.NaN);
  await fc.assert(
    fc.asyncProperty(fc.array(level, { minLength: 60, maxLength: 60 }), maxLevel, async (levels, max) => {
      const columns = plantColumns(levels.map((l) => ({ level: l })));
      const graph = plantGraph(60, { neighbours: clique(range(1, 60)) });
      const context = plantContext({ columns, graph, user: plantUser([1, 2]) }, { maxLevel: max });
      // One source that ignores every rule stands for an index that is behind.
      const blind = {
        ...{ name: 'blind', deadline: 20 },
        find: () => range(1, 99).map((item) => ({ item, score: 1 })),
      };
      const { items } = await runPipeline(withSource(blind), context);
      const served = items.map(({ item }) => levels[item - 1]!);
      return (
        served.every((l) => l >= 1 && l <= 16 && l <= max) && (!Number.isNaN(max) || served.length === 0)
      );
    }),
    { numRuns: 100 },
  );
});

t.test('the trace counts what each filter removed and why', async (t) => {
  const items = range(1, 40).map((item) => ({
    level: item === 1 ? 8 : 1,
    flags: item === 2 ? 0 : 1,
    creator: item === 3 ? 1_000_000 : item === 4 ? 77 : 0,
    tags: item === 5 ? ['gore'] : [],
  }));
  const user = plantUser([10], {
    ...{ disliked: [6], hidden: new Set([7]) },
    ...{ hiddenCreators: new Set([77]), hiddenTags: new Set(['gore']) },
  });
  const context = plantContext({ columns: plantColumns(items), user }, { exclude: new Set([8]) });
  const blind = {
    ...{ name: 'blind', deadline: 20 },
    find: () => range(1, 20).map((item) => ({ item, score: 1 })),
  };
  const { trace, items: listed } = await runPipeline({ ...withSource(blind), sources: [blind] }, context);
  const removed = Object.fromEntries(trace.stages.map(({ stage, removed }) => [stage, removed]));
  t.match(removed, {
    ...{ safety: { safety: 1 }, availability: { availability: 1 }, hidden: { hidden: 4 } },
    ...{ seen: { seen: 1 }, 'own-work': { 'own-work': 1 }, requested: { requested: 1 } },
  });
  t.same(
    listed.map(({ item }) => item).sort((a, b) => a - b),
    [9, ...range(11, 20)],
  );
  t.match(trace.configDigest, /^[0-9a-f]{64}$/);
});

t.test('what sources leave out by the rules is noted, each item once, by its reason', async (t) => {
  const columns = plantColumns(range(1, 300).map((item) => ({ level: item === 8 ? 4 : 1 })));
  const user = plantUser([1, 2], { hidden: new Set([5]) });
  const removals = openRemovals();
  const { items } = await runPipeline(planted(), plantContext({ ...WORLD, columns, user, removals }));
  const noted = (reason: string) => [...(removals.byReason.get(reason) ?? [])].sort((a, b) => a - b);
  t.same(noted('seen'), [1, 2]);
  t.same(noted('hidden'), [5]);
  t.same(noted('safety'), [8]);
  t.notOk(items.some(({ item }) => [1, 2, 5, 8].includes(item)));
});

t.test('a model under a licence without commercial use is kept from those who need it', async (t) => {
  const columns = plantColumns([
    { kind: 'model', flags: 1 },
    { kind: 'model', flags: 3 },
  ]);
  const user = plantUser([], { preferences: { commercialUseOnly: true } });
  const { items } = await runPipeline(planted(), plantContext({ columns, user }, { kind: 'model' }));
  t.same(
    items.map(({ item }) => item),
    [2],
  );
});

t.test('a tag that few items carry still fills what it can', async (t) => {
  const columns = plantColumns(
    range(1, 300).map((item) => ({ tags: item % 50 === 0 ? ['rare'] : ['common'] })),
  );
  const graph = plantGraph(300, { neighbours: clique(range(1, 300)) });
  const context = plantContext({ columns, graph, user: plantUser([1]) }, { tags: ['rare'] });
  const { items } = await runPipeline(planted(), context);
  t.same(
    items.map(({ item }) => item).sort((a, b) => a - b),
    [50, 100, 150, 200, 250, 300],
  );
});

t.test(
  'someone new who asks for a tag gets a whole list of what carries it, known to the graph or not',
  async (t) => {
    // One in twenty carries it; the graph knows the first 300 items, and ten of those that carry it.
    const columns = plantColumns(range(1, 6000).map((item) => ({ tags: item % 20 === 7 ? ['rare'] : [] })));
    const carriers = range(1, 6000).filter((item) => item % 20 === 7);
    const inGraph = carriers.slice(0, 10);
    const graph = plantGraph(inGraph.at(-1)!);
    const context = plantContext({ columns, graph }, { tags: ['rare'] });
    const { items } = await runPipeline(planted(), context);
    t.equal(items.length, 100);
    t.ok(items.every(({ item }) => item % 20 === 7));
    t.ok(
      inGraph.every((known) => items.some(({ item }) => item === known)),
      'what the graph ranks is among them',
    );
    const drawn = items.filter(({ sources }) => sources.join() === 'new');
    t.ok(drawn.length >= 90);
    t.ok(drawn.every(({ propensity }) => Math.abs(propensity - 95 / 200) < 1e-9));
  },
);

t.test('what was disliked pushes its neighbours down', async (t) => {
  const neighbours = {
    1: [
      [10, 1],
      [20, 0.9],
    ],
    2: [[10, 1]],
  } as Record<number, [number, number][]>;
  const graph = plantGraph(300, { neighbours });
  const first = async (disliked: number[]) => {
    const user = plantUser([1], { disliked });
    const { items } = await runPipeline(planted({ DRAW_SHARE: 0 }), plantContext({ ...WORLD, graph, user }));
    return items[0]!.item;
  };
  t.equal(await first([]), 10);
  t.equal(await first([2]), 20);
});
