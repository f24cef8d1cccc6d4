import t from 'tap';
import { openSequenceModel, readSequenceArtifact } from '../../../src/models/index.ts';
import { writeTensor } from '../../../src/models/safetensors.ts';
import { plantColumns } from '../../support/recommend-world.ts';
import { type Planted, writeRingModel } from '../../support/sequence-artifact.ts';

/** The catalogue has items 1…10, the model knows 3…12: two it has learned of are gone, two are new. */
const columns = plantColumns(Array.from({ length: 10 }, () => ({})));
const refOf = (kind: 'image' | 'model', id: string) => {
  const ref = columns.refOf(kind, id);
  return ref !== undefined && ref <= 10 ? ref : undefined;
};
const IDS = Array.from({ length: 10 }, (_, n) => `item-${n + 3}`);

t.test('a model names what comes next, by the numbers of this catalogue', async (t) => {
  const artifact = await readSequenceArtifact(await writeRingModel(t.testdir(), IDS));
  const model = openSequenceModel(artifact, { refOf, version: 1 });
  t.teardown(() => model.close());
  t.equal(model.columnOf(3), 0);
  t.equal(model.columnOf(2), -1, 'what it was not trained on it does not know');
  t.same([0, 7, 8].map(model.itemAt), [3, 10, 0], 'what is no longer there has no number');
  const answer = await model.ask({ user: 1, seq: 1 }, Int32Array.of(5, 0));
  t.same([...answer.columns.slice(0, 3)], [1, 2, 3]);
  t.same([...answer.logits.slice(0, 4)], [3, 2, 1, 0]);
  t.equal(answer.columns.length, 10);
  t.equal(model.logitOf(answer, 2), 2);
  t.equal(model.likeness(1, 1), 1);
  t.equal(model.likeness(1, 2), 0);
});

t.test('an answer is kept until the next event, and each event is in the next answer', async (t) => {
  const artifact = await readSequenceArtifact(await writeRingModel(t.testdir(), IDS));
  const model = openSequenceModel(artifact, { refOf, version: 1 });
  t.teardown(() => model.close());
  const first = await model.ask({ user: 1, seq: 1 }, Int32Array.of(0));
  t.equal(model.ask({ user: 1, seq: 1 }, Int32Array.of(0)), first, 'the same, and at once');
  const [second, other] = await Promise.all([
    model.ask({ user: 1, seq: 2 }, Int32Array.of(0, 4)),
    model.ask({ user: 2, seq: 1 }, Int32Array.of(8)),
  ]);
  t.equal(second.columns[0], 5);
  t.equal(other.columns[0], 9);
});

t.test('an artifact that is not what it should be is refused with the reason', async (t) => {
  const home = t.testdir();
  const text = (value: unknown) => Buffer.from(JSON.stringify(value));
  const vectors = (...numbers: number[]) =>
    writeTensor('vectors', {
      ...{ dtype: 'F32' as const, shape: [10, numbers.length / 10] },
      data: Buffer.from(Float32Array.from(numbers).buffer),
    });
  const answer = (off: number) => [
    {
      model: 'encoder.onnx',
      inputs: { items: { type: 'int64', dims: [1, 1], data: [1] } },
      outputs: { users: { type: 'float32', dims: [1, 10], data: [0, 3 + off, 2, 1, 0, 0, 0, 0, 0, 0] } },
    },
  ];
  const wrong: Record<string, [Planted, RegExp]> = {
    answers: [{ files: { 'answers.json': text(answer(2e-4)) } }, /off its stored answer/],
    contract: [{ contract: 'sasrec/9' }, /this release reads sasrec\/1/],
    twice: [{ files: { 'items.json': text(IDS.with(1, IDS[0]!)) } }, /names an item twice/],
    names: [{ files: { 'items.json': text(['a', 7]) } }, /not a list of ids/],
    count: [{ files: { 'items.json': text(IDS.slice(1)) } }, /9 items do not have as many vectors/],
    numbers: [{ files: { 'items.safetensors': vectors(...new Array(10).fill(Number.NaN)) } }, /no number/],
    cut: [{ files: { 'items.safetensors': Buffer.from('x') } }, /cut off/],
    long: [{ parameters: { length: 0 } }, /no length of a history/],
    onnx: [{ files: { 'encoder.onnx': Buffer.from('no model') } }, /does not answer/],
  };
  for (const [version, [planted, reason]] of Object.entries(wrong)) {
    const folder = await writeRingModel(home, IDS, { version, ...planted });
    await t.rejects(readSequenceArtifact(folder), { code: 'artifact-invalid', message: reason }, version);
  }
  const near = await writeRingModel(home, IDS, {
    ...{ version: 'near', files: { 'answers.json': text(answer(5e-5)) } },
  });
  t.match(await readSequenceArtifact(near), { version: 'near', dims: 10, withheld: 2 });
});
