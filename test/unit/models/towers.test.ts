import t from 'tap';
import { openTowerModel, readTowerArtifact } from '../../../src/models/index.ts';
import { plantColumns } from '../../support/recommend-world.ts';
import { type PlantedTowers, writeRingTowers } from '../../support/tower-artifact.ts';

/** Items 1…10 of the ring, an eleventh that looks like the third, a twelfth that nobody has seen. */
const columns = plantColumns(Array.from({ length: 12 }, () => ({})));
const IDS = Array.from({ length: 10 }, (_, n) => `item-${n + 1}`);
const content = async (items: number[]) =>
  new Map(
    items
      .filter((item) => item === 11)
      .map((item) => [item, Float32Array.from({ length: 10 }, (_, d) => +(d === 2))]),
  );

t.test('the towers name what is wanted after the newest item', async (t) => {
  const artifact = await readTowerArtifact(await writeRingTowers(t.testdir(), IDS));
  const model = openTowerModel(artifact, columns);
  t.teardown(() => model.close());
  const answer = await model.ask({ user: 1, seq: 1 }, Int32Array.of(7, 0));
  t.equal(model.itemAt(answer.columns[0]!), 2);
  t.equal(answer.logits[0], 1);
  t.equal(model.logitOf(answer, 1), 1);
  t.equal(model.logitOf(answer, 2), 0);
});

t.test('an item that came after the training is found and counts in a history by its content', async (t) => {
  const artifact = await readTowerArtifact(await writeRingTowers(t.testdir(), IDS));
  const model = openTowerModel(artifact, columns, content);
  t.teardown(() => model.close());
  t.equal(model.columnOf(11), -1);
  const before = await model.ask({ user: 1, seq: 1 }, Int32Array.of(1));
  t.same(before.columns.length, 10);
  await model.rejoin();
  t.equal(model.columnOf(11), 10);
  t.equal(model.columnOf(12), -1, 'one without a vector stays unknown');
  const { columns: best, logits } = await model.ask({ user: 1, seq: 1 }, Int32Array.of(1));
  t.same([...best.slice(0, 2)].map(model.itemAt).sort(), [11, 3], 'beside the item it looks like');
  t.same([...logits.slice(0, 3)], [1, 1, 0]);
  t.equal(model.likeness(2, 10), 1);
  const after = await model.ask({ user: 1, seq: 2 }, Int32Array.of(1, model.columnOf(11)));
  t.equal(model.itemAt(after.columns[0]!), 4, 'and what comes after it is wanted next');
});

t.test('towers that have learned nothing of content leave new items alone', async (t) => {
  const artifact = await readTowerArtifact(await writeRingTowers(t.testdir(), IDS, { content: false }));
  const model = openTowerModel(artifact, columns, content);
  t.teardown(() => model.close());
  await model.rejoin();
  t.equal(model.columnOf(11), -1);
});

t.test('towers of content know every item by its looks and its tags', async (t) => {
  const tagged = plantColumns([
    ...Array.from({ length: 8 }, () => ({})),
    { tags: ['ninth'] },
    { tags: ['no'] },
  ]);
  // Looks say which of the first eight an item is, or nothing.
  const looks = async (items: number[]) =>
    new Map(items.map((item) => [item, Float32Array.from({ length: 8 }, (_, d) => +(d === item - 1))]));
  const artifact = await readTowerArtifact(
    await writeRingTowers(t.testdir(), IDS, { tags: ['ninth', 'tenth'] }),
  );
  t.same([artifact.ids, artifact.vectors.length], [[], 0]);
  const model = openTowerModel(artifact, tagged, looks);
  t.teardown(() => model.close());
  t.same(
    (await model.ask({ user: 1, seq: 1 }, Int32Array.of(0))).columns,
    [],
    'nothing before there are items',
  );
  await model.rejoin();
  const answer = await model.ask({ user: 1, seq: 2 }, Int32Array.of(model.columnOf(8)));
  t.equal(model.itemAt(answer.columns[0]!), 9, 'after the eighth the ninth, which its tag alone tells');
  t.same([...answer.logits.slice(0, 2)], [1, 0], 'a tag that nobody learned tells nothing');
});

t.test(
  'what counts for whom is no likeness: of towers of content the features alone are compared',
  async (t) => {
    const home = t.testdir();
    const plain = await readTowerArtifact(await writeRingTowers(home, IDS));
    t.equal(plain.likenessDims, undefined);
    const parameters = { of: 'content' };
    const artifact = await readTowerArtifact(
      await writeRingTowers(home, IDS, { version: 'content', parameters }),
    );
    t.equal(artifact.likenessDims, 10);
    const vectors = new Float32Array(100);
    [
      [1, 0, 9],
      [1, 0, -9],
      [0, 1, 9],
    ].forEach((row, item) => {
      vectors.set(row, item * 10);
    });
    const model = openTowerModel({ ...artifact, vectors, likenessDims: 2 }, columns);
    t.teardown(() => model.close());
    t.same([model.likeness(0, 1), model.likeness(0, 2)], [1, 0]);
  },
);

t.test('towers of every kind are told of what other kinds are like and name only their own', async (t) => {
  const both = plantColumns(
    Array.from({ length: 10 }, (_, n) => ({ kind: n < 5 ? ('model' as const) : ('image' as const) })),
  );
  const looks = async (items: number[]) =>
    new Map(items.map((item) => [item, Float32Array.from({ length: 10 }, (_, d) => +(d === item - 1))]));
  const planted = { tags: [], parameters: { histories: 'all' } };
  const home = t.testdir();
  const artifact = await readTowerArtifact(await writeRingTowers(home, IDS, planted));
  t.equal(artifact.everyKind, true);
  const model = openTowerModel(artifact, both, looks);
  t.teardown(() => model.close());
  await model.rejoin();
  const answer = await model.ask({ user: 1, seq: 1 }, Int32Array.of(model.columnOf(5)));
  t.equal(model.itemAt(answer.columns[0]!), 6, 'after the model 5 the picture 6');
  t.same([...answer.columns].map(model.itemAt).sort(), [10, 6, 7, 8, 9], 'no model is named');
  const own = await readTowerArtifact(await writeRingTowers(home, IDS, { version: 'own', tags: [] }));
  const narrow = openTowerModel(own, both, looks);
  t.teardown(() => narrow.close());
  await narrow.rejoin();
  t.equal(narrow.columnOf(5), -1, 'towers of their own kind do not know the others');
});

t.test('an artifact that is not what it should be is refused with the reason', async (t) => {
  const home = t.testdir();
  const wrong: Record<string, [PlantedTowers, RegExp]> = {
    contract: [{ contract: 'sasrec/1' }, /this release reads two-tower\/1/],
    names: [{ files: { 'items.json': Buffer.from('["a", 7]') } }, /not a list of ids/],
    count: [{ files: { 'items.json': Buffer.from(JSON.stringify(IDS.slice(1))) } }, /9 items do not have/],
    cut: [{ files: { 'items.safetensors': Buffer.from('x') } }, /cut off/],
    long: [{ parameters: { length: 100_000 } }, /no length of a history/],
    onnx: [{ files: { 'user.onnx': Buffer.from('no model') } }, /does not answer/],
  };
  for (const [version, [planted, reason]] of Object.entries(wrong)) {
    const folder = await writeRingTowers(home, IDS, { version, ...planted });
    await t.rejects(readTowerArtifact(folder), { code: 'artifact-invalid', message: reason }, version);
  }
});
