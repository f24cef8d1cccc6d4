import t from 'tap';
import { contentInMemory, defaultPipeline, runPipeline, seededRandom } from '../../../src/recommend/index.ts';
import { openPools } from '../../../src/recommend/pool.ts';
import { openRemovals } from '../../../src/recommend/removals.ts';
import type { Context, ListRequest, Pipeline, RankedList, Source } from '../../../src/recommend/types.ts';
import {
  clique,
  plantColumns,
  plantContext,
  plantGraph,
  plantUser,
  range,
} from '../../support/recommend-world.ts';

const SETTINGS = {
  ...{ LIST_DEPTH: 50, DRAW_SHARE: 0.5, DRAW_TEMPERATURE: 0.2, DRAW_TOP: 50 },
  EXPLORE_SHARE: 0.1,
};
const WORLD = {
  columns: plantColumns(range(1, 120).map(() => ({}))),
  graph: plantGraph(120, { neighbours: clique(range(1, 60)) }),
};
const user = plantUser([1, 2, 3]);

/** The default pipeline with a source that counts how often it is asked. */
function counted(find: Source['find'] = () => [{ item: 110, score: 1 }]): {
  pipeline: Pipeline;
  asked(): number;
} {
  const whole = defaultPipeline({ settings: SETTINGS, content: contentInMemory(new Map()) });
  let asked = 0;
  const source: Source = {
    ...{ name: 'counted', deadline: 20 },
    find(context) {
      asked++;
      return find(context);
    },
  };
  return { pipeline: { ...whole, sources: [source, ...whole.sources] }, asked: () => asked };
}
const asking = (more: Partial<Context> = {}, request: Partial<ListRequest> = {}): Context =>
  plantContext({ ...WORLD, user, ...more }, request);
const told = ({ items, draw, trace }: RankedList) => ({ items, draw, degraded: trace.degraded });

t.test('lists of one state share what was found, and are what they would be without', async (t) => {
  const { pipeline, asked } = counted();
  const pools = openPools();
  for (const seed of range(1, 12)) {
    const shared = await runPipeline(pipeline, asking({ pools, random: seededRandom(seed) }));
    const alone = await runPipeline(pipeline, asking({ random: seededRandom(seed) }));
    t.same(told(shared), told(alone));
  }
  t.equal(asked(), 1 + 12);
});

t.test('those that are made at once share it too', async (t) => {
  const { pipeline, asked } = counted(() => Promise.resolve([{ item: 110, score: 1 }]));
  const pools = openPools();
  await Promise.all(range(1, 16).map(() => runPipeline(pipeline, asking({ pools }))));
  t.equal(asked(), 1);
});

t.test('an event, another model, kind, level or pipeline, and time itself ask anew', async (t) => {
  const { pipeline, asked } = counted();
  const pools = openPools();
  const now = asking().now;
  const cases: [string, Context, Pipeline?][] = [
    ['the first', asking({ pools })],
    ['an event', asking({ pools, user: plantUser([1, 2, 3, 4]) })],
    ['another graph', asking({ pools, graph: { ...WORLD.graph } })],
    ['another kind', asking({ pools }, { kind: 'model' })],
    ['another level', asking({ pools }, { maxLevel: 2 })],
    ['another pipeline', asking({ pools }), { ...pipeline }],
    ['some time', asking({ pools, now: now + 60_000 })],
    ['excluded', asking({ pools, now: now + 60_000 }, { exclude: new Set([9]) })],
    ['tagged', asking({ pools, now: now + 60_000 }, { tags: ['castle'] })],
    ['looked into', asking({ pools, now: now + 60_000, removals: openRemovals() })],
  ];
  for (const [n, [name, context, other = pipeline]] of cases.entries()) {
    await runPipeline(other, context);
    t.equal(asked(), n + 1, name);
  }
  await runPipeline({ ...pipeline }, asking({ pools }));
});

t.test('the rules hold anew: what is blocked meanwhile is in no list', async (t) => {
  const { pipeline, asked } = counted();
  const pools = openPools();
  const columns = plantColumns(range(1, 120).map(() => ({})));
  const listed = async () =>
    (await runPipeline(pipeline, asking({ pools, columns }))).items.map(({ item }) => item);
  const [first] = await listed();
  columns.level[first!] = 32;
  t.notOk((await listed()).includes(first!));
  t.equal(asked(), 1);
});

t.test('what was found without a source is not kept', async (t) => {
  let away = true;
  const { pipeline, asked } = counted(() => {
    if (away) throw new Error('away');
    return [{ item: 110, score: 1 }];
  });
  const pools = openPools();
  const degraded = async () => (await runPipeline(pipeline, asking({ pools }))).trace.degraded;
  t.same(await degraded(), [{ stage: 'counted', code: 'failed' }]);
  away = false;
  t.same(await degraded(), []);
  t.same(await degraded(), []);
  t.equal(asked(), 2);
});

t.test('what is drawn although another source has it counts as both, in this list alone', async (t) => {
  const { pipeline } = counted();
  let drawn = true;
  const drawing: Source = {
    ...{ name: 'drawing', deadline: 20, draws: true },
    find: () => (drawn ? [{ item: 30, score: 0.5, propensity: 0.1 }] : []),
  };
  const pools = openPools();
  const both = { ...pipeline, sources: [...pipeline.sources.slice(0, -1), drawing] };
  const found = async () =>
    (await runPipeline(both, asking({ pools }))).items.find(({ item }) => item === 30);
  const first = await found();
  t.same(first?.sources.slice(-1), ['drawing']);
  t.equal(first?.propensity, 1, 'it would have been there anyway');
  t.equal(first?.features.drawing, 0.5);
  drawn = false;
  t.notOk((await found())?.sources.includes('drawing'));
});
