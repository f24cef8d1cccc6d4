import t from 'tap';
import { loadConfig } from '../../../src/config.ts';
import { makeLists } from '../../../src/evaluation/rerank/lists.ts';
import { readTowerArtifact } from '../../../src/models/index.ts';
import { plantColumns, range } from '../../support/recommend-world.ts';
import { writeRingTowers } from '../../support/tower-artifact.ts';

const DAY = 86_400_000;
const ITEMS = range(1, 40);
const columns = plantColumns(ITEMS.map(() => ({})));
/** Two people who like the next of a ring each day. */
const PEOPLE = [1, 2].map((user) => ({
  ...{ user, id: `person-${user}` },
  deeds: range(1, 14).map((day) => ({ item: day, type: 'like' as const, at: day * DAY + user })),
}));
const parts = {
  ...{ config: loadConfig({}), contentSpace: { current: () => 'clip' as const } },
  catalog: { columns, vectors: async () => new Map<number, Float32Array>() },
  vectors: { backend: 'embedded' as const, vectors: async () => new Map(), search: async () => [] },
  events: {
    deeds: async () => PEOPLE,
    interactionLog: async () => ({
      ...{ items: Int32Array.from(ITEMS), users: 1, offsets: Int32Array.of(0, 40), syntheticTime: false },
      ...{ columns: Int32Array.from(ITEMS, (item) => item - 1), times: new Float64Array(40) },
      strengths: new Float32Array(40).fill(1),
    }),
  },
};
const OPTIONS = { kind: 'image', lists: 100, seed: 1, part: 'test' } as const;

t.test(
  'lists of the past are made with the towers in force, about what they did not learn from',
  async (t) => {
    const until = 8 * DAY + 10;
    const ids = ITEMS.map((item) => `item-${item}`);
    const towers = await readTowerArtifact(
      await writeRingTowers(t.testdir(), ids, { parameters: { until } }),
    );
    const { lists } = await makeLists({ ...parts, towers }, OPTIONS);
    t.same(new Set(lists.map(({ gold }) => gold)), new Set(range(9, 14)));
    for (const { base, gold, candidates, at } of lists) {
      t.ok(at > until);
      t.same(
        candidates.map(({ item }) => item),
        base,
      );
      t.equal(candidates[0]!.features.tower, 1, 'they are the surest of it');
      t.equal(base[0], gold, 'the next of the ring is what they want');
    }
  },
);

t.test('without towers what was liked after the first part of the log is asked about', async (t) => {
  const { lists } = await makeLists({ ...parts, towers: null }, OPTIONS);
  t.ok(lists.some(({ gold }) => gold <= 8));
  t.ok(lists.every(({ candidates }) => candidates.every(({ features }) => features.tower === undefined)));
});
