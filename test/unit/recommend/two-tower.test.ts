import t from 'tap';
import { openTowerModel, readTowerArtifact } from '../../../src/models/index.ts';
import { identify } from '../../../src/recommend/digest.ts';
import { contentInMemory, defaultPipeline } from '../../../src/recommend/index.ts';
import { pipelineWith } from '../../../src/recommend/overrides.ts';
import { scoreCandidates } from '../../../src/recommend/score.ts';
import { towerScorer, twoTowerSource } from '../../../src/recommend/sources/two-tower.ts';
import { plantCandidate, plantColumns, plantContext, plantUser } from '../../support/recommend-world.ts';
import { writeRingTowers } from '../../support/tower-artifact.ts';

const columns = plantColumns(Array.from({ length: 10 }, () => ({})));
const IDS = Array.from({ length: 10 }, (_, n) => `item-${n + 1}`);

t.test(
  'the source brings what is wanted, fresh after each event, and the scorer tells of the rest',
  async (t) => {
    const towers = openTowerModel(await readTowerArtifact(await writeRingTowers(t.testdir(), IDS)), columns);
    t.teardown(() => towers.close());
    const source = twoTowerSource({ deadline: 1000, pool: 3 });
    t.equal(source.name, 'two-tower');
    const context = plantContext({ columns, user: plantUser([4], { user: 7, seq: 1 }), towers });
    t.equal((await source.find(context))[0]!.item, 5);
    const candidates = [5, 6].map((item) => plantCandidate(item, 0));
    towerScorer.score(candidates, context);
    t.same(
      candidates.map(({ features }) => features.tower),
      [1, Math.exp(-1 / 4)],
    );
    const others = [6, 7].map((item) => plantCandidate(item, 0));
    towerScorer.score(others, context);
    t.same(
      others.map(({ features }) => features.tower),
      [1, 1],
      'beside the best candidate, not beside what no list may hold',
    );
    const next = plantContext({ columns, user: plantUser([4, 8], { user: 7, seq: 2 }), towers });
    t.equal((await source.find(next))[0]!.item, 9);
  },
);

t.test('what was liked is named before what was opened, and nothing of another kind', async (t) => {
  const mixed = plantColumns(
    Array.from({ length: 10 }, (_, n) => ({ kind: n === 9 ? ('model' as const) : ('image' as const) })),
  );
  const towers = openTowerModel(await readTowerArtifact(await writeRingTowers(t.testdir(), IDS)), mixed);
  t.teardown(() => towers.close());
  const source = twoTowerSource({ deadline: 1000, pool: 3 });
  const because = async (seq: number, deeds: [item: number, strength: number][]) => {
    const recent = deeds.map(([item, strength], at) => ({ item, strength, at }));
    const user = { ...plantUser([]), user: 7, seq, recent };
    return (await source.find(plantContext({ columns: mixed, user, towers })))[0]!.because;
  };
  t.equal(
    await because(1, [
      [2, 1],
      [3, 0.5],
    ]),
    2,
  );
  t.equal(await because(2, [[3, 0.5]]), 3);
  t.equal(await because(3, [[10, 1]]), 0);
});

t.test('nobody is asked about without towers in force or without a history', async (t) => {
  const source = twoTowerSource({ deadline: 1000, pool: 3 });
  t.same(await source.find(plantContext({ columns, user: plantUser([4]) })), []);
  const towers = openTowerModel(await readTowerArtifact(await writeRingTowers(t.testdir(), IDS)), columns);
  t.teardown(() => towers.close());
  t.same(await source.find(plantContext({ columns, user: plantUser([]), towers })), []);
});

t.test('beside two towers a sequence model counts less, and weights named by hand hold', async (t) => {
  const settings = { LIST_DEPTH: 40, DRAW_SHARE: 0, DRAW_TEMPERATURE: 1, DRAW_TOP: 50, EXPLORE_SHARE: 0 };
  const parts = { settings, content: contentInMemory(new Map()) };
  const towers = openTowerModel(await readTowerArtifact(await writeRingTowers(t.testdir(), IDS)), columns);
  t.teardown(() => towers.close());
  const scored = async (
    pipeline: ReturnType<typeof defaultPipeline>,
    inForce: { towers?: typeof towers },
  ) => {
    const following = { ...plantCandidate(1, 0), features: { sequence: 1 } };
    const wanted = { ...plantCandidate(2, 0), features: { tower: 1 / 32 } };
    await scoreCandidates([following, wanted], pipeline, inForce);
    const { graph } = plantContext({ columns });
    const { weights } = identify(pipeline, { graph, ...inForce }).description;
    t.equal(following.score, weights.sequence, 'the log says by which weights it was ranked');
    return [following.score, wanted.score];
  };
  const served = defaultPipeline(parts);
  t.same(await scored(served, {}), [2, 1]);
  t.same(await scored(served, { towers }), [0.5, 1]);
  t.same(await scored(pipelineWith(parts, { weights: { sequence: 3 } }), { towers }), [3, 1]);
  const without = { ...served, scorers: served.scorers.filter(({ name }) => name !== 'tower') };
  t.same(await scored(without, { towers }), [2, 1], 'nor where a pipeline does not ask the towers');
});
